import fc from 'fast-check';
import {
  AUTO,
  chooseRoute,
  isUnsure,
  type RouteRequest,
  type RouteSettings,
} from '../../../functions/routing/route.ts';

const SETTINGS: RouteSettings = {
  small: ['resnet50_swsl', 'sample'],
  heavy: ['resnext101_32x8d_swsl', 'resnext101_32x4d_swsl'],
  rules: { 'scans/': 'resnext101_32x4d_swsl', 'scans/quick/': 'sample', 'unsure/': AUTO },
  cascadeThreshold: 0.5,
};
const WITHOUT_HEAVY: RouteSettings = { ...SETTINGS, heavy: [] };
const NOTHING: RouteRequest = { requestedByCaller: null, requestedByObject: null, key: null };
const CASCADE = { kind: 'cascade', small: 'resnet50_swsl', heavy: 'resnext101_32x8d_swsl', threshold: 0.5 };

describe('who says which model answers', () => {
  test('nobody: the default small one', () => {
    expect(chooseRoute(NOTHING, SETTINGS)).toEqual({ kind: 'small', model: 'resnet50_swsl' });
    expect(chooseRoute({ ...NOTHING, key: 'other/scans/x' }, SETTINGS)).toMatchObject({ model: 'resnet50_swsl' });
  });

  test('the longest prefix rule that fits', () => {
    expect(chooseRoute({ ...NOTHING, key: 'scans/x.jpg' }, SETTINGS)).toEqual({
      kind: 'heavy',
      model: 'resnext101_32x4d_swsl',
    });
    expect(chooseRoute({ ...NOTHING, key: 'scans/quick/x.jpg' }, SETTINGS)).toEqual({ kind: 'small', model: 'sample' });
    expect(chooseRoute({ ...NOTHING, key: 'unsure/x.jpg' }, SETTINGS)).toEqual(CASCADE);
  });

  test("the object's metadata before the rules, the request before both", () => {
    const object = { requestedByCaller: null, requestedByObject: 'sample', key: 'scans/x.jpg' };

    expect(chooseRoute(object, SETTINGS)).toEqual({ kind: 'small', model: 'sample' });
    expect(chooseRoute({ ...object, requestedByCaller: 'resnext101_32x8d_swsl' }, SETTINGS)).toEqual({
      kind: 'heavy',
      model: 'resnext101_32x8d_swsl',
    });
  });
});

test('a model that is nowhere is unknown, with the names that there are', () => {
  expect(chooseRoute({ ...NOTHING, requestedByCaller: 'vgg16' }, SETTINGS)).toEqual({
    kind: 'unknown',
    requestedModel: 'vgg16',
    models: ['resnet50_swsl', 'sample', 'resnext101_32x8d_swsl', 'resnext101_32x4d_swsl'],
  });
  expect(chooseRoute({ ...NOTHING, requestedByCaller: 'resnext101_32x8d_swsl' }, WITHOUT_HEAVY)).toMatchObject({
    kind: 'unknown',
    models: ['resnet50_swsl', 'sample'],
  });
});

test('auto asks the first heavy model when there is one, with the threshold that is set', () => {
  expect(chooseRoute({ ...NOTHING, requestedByCaller: AUTO }, { ...SETTINGS, cascadeThreshold: 0.8 })).toEqual({
    ...CASCADE,
    threshold: 0.8,
  });
  expect(chooseRoute({ ...NOTHING, requestedByCaller: AUTO }, WITHOUT_HEAVY)).toEqual({
    kind: 'small',
    model: 'resnet50_swsl',
  });
});

test('a model that is small and heavy answers at once', () => {
  const settings: RouteSettings = { ...SETTINGS, heavy: ['sample'] };

  expect(chooseRoute({ ...NOTHING, requestedByCaller: 'sample' }, settings)).toEqual({
    kind: 'small',
    model: 'sample',
  });
});

test('the small model is unsure under the threshold, not at it', () => {
  expect(isUnsure([{ probability: 0.499 }, { probability: 0.9 }], 0.5)).toBe(true);
  expect(isUnsure([{ probability: 0.5 }], 0.5)).toBe(false);
  expect(isUnsure([{ probability: 0 }], 0)).toBe(false);
  expect(isUnsure([], 0.5)).toBe(false);
});

test('whatever is requested, the model of a route is one that there is', () => {
  const name = fc.oneof(fc.constantFrom(AUTO, ...SETTINGS.small, ...SETTINGS.heavy), fc.string());
  const requested = fc.option(name);
  fc.assert(
    fc.property(
      requested,
      requested,
      fc.option(fc.string()),
      fc.dictionary(fc.string(), name),
      (requestedByCaller, requestedByObject, key, rules) => {
        const settings = { ...SETTINGS, rules };
        const route = chooseRoute({ requestedByCaller, requestedByObject, key }, settings);

        if (route.kind === 'small') expect(settings.small).toContain(route.model);
        if (route.kind === 'heavy') expect(settings.heavy).toContain(route.model);
        if (route.kind === 'cascade')
          expect([route.small, route.heavy]).toEqual([settings.small[0], settings.heavy[0]]);
        if (route.kind === 'unknown')
          expect([...settings.small, ...settings.heavy, AUTO]).not.toContain(route.requestedModel);
      },
    ),
    { seed: 20261125, numRuns: 1000 },
  );
});
