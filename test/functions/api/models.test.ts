import { InvalidPackageError } from '../../../classifier/errors.ts';
import { listModels, type ModelsDependencies } from '../../../functions/api/models.ts';
import type { ApiRequest } from '../../../functions/api/request.ts';
import { validManifest } from '../../classifier/valid-manifest.ts';

const REQUEST = {} as ApiRequest;

function dependencies(changes: Partial<ModelsDependencies>): ModelsDependencies {
  return {
    routes: { small: ['small'], heavy: [] },
    smallManifest: async () => ({ ...validManifest(), license: 'CC BY-NC 4.0', precision: 'int8' }),
    heavyManifest: async () => null,
    ...changes,
  };
}

const modelsOf = async (changes: Partial<ModelsDependencies>) =>
  JSON.parse((await listModels(REQUEST, dependencies(changes))).body ?? '');

test('the small model comes with its licence, and is the default', async () => {
  const { parameters, macs, classes } = validManifest();

  expect(await modelsOf({})).toEqual({
    models: [
      expect.objectContaining({
        name: 'small',
        runs: 'now',
        precision: 'int8',
        license: 'CC BY-NC 4.0',
        knows: null,
        parameters,
        macs,
        classes,
      }),
    ],
    default: 'small',
    auto: false,
  });
});

test('heavy models follow in their order, with the facts that are known', async () => {
  const heavyManifest = async (name: string) => (name === 'known' ? { ...validManifest(), license: 'MIT' } : null);

  const { models, auto } = await modelsOf({
    routes: { small: ['small'], heavy: ['known', 'elsewhere'] },
    heavyManifest,
  });

  expect(auto).toBe(true);
  expect(models.slice(1)).toMatchObject([
    { name: 'known', runs: 'queued', license: 'MIT' },
    { name: 'elsewhere', runs: 'queued', license: null, parameters: null, precision: null },
  ]);
});

test('a model that knows drawings only says so, and how to get another one', async () => {
  const { models } = await modelsOf({
    smallManifest: async () => ({ ...validManifest(), knows: { pictures: 'drawings', things: 32 } }),
  });

  expect(models[0].knows).toEqual({
    pictures: 'drawings',
    things: 32,
    note: expect.stringContaining('knows 32 drawn things, and no photographs'),
    command: 'npx autoswiftnet models fetch resnet50_swsl --precision int8',
  });
});

test('a broken package of a small model is a fault, not a model without a licence', async () => {
  const smallManifest = () =>
    Promise.reject(new InvalidPackageError('small', [{ code: 'no-manifest', message: 'none' }]));

  await expect(listModels(REQUEST, dependencies({ smallManifest }))).rejects.toThrow(InvalidPackageError);
});
