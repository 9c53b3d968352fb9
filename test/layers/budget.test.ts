import { describeParts, requireWithinBudget, UNZIPPED_LIMIT_BYTES } from '../../layers/budget.ts';
import { LayerBudgetError } from '../../layers/errors.ts';

test('code and layers may have exactly the limit together', () => {
  const parts = [
    { name: 'code', bytes: 1 },
    { name: 'runtime-arm64', bytes: UNZIPPED_LIMIT_BYTES - 1 },
  ];

  expect(requireWithinBudget('tag-upload', parts)).toBe(262_144_000);
});

test('one byte more is an error that lists the parts, the largest first', () => {
  const parts = [
    { name: 'code', bytes: 2_000_000 },
    { name: 'model-resnext101_32x8d_swsl', bytes: 355_000_000 },
    { name: 'runtime-x64', bytes: 65_800_000 },
  ];

  expect(() => requireWithinBudget('api', parts)).toThrow(LayerBudgetError);
  expect(() => requireWithinBudget('api', parts)).toThrow(
    'function api is too large for Lambda: with its layers it has 422.8 MB unzipped, and the limit is 262.1 MB (model-resnext101_32x8d_swsl 355.0 MB, runtime-x64 65.8 MB, code 2.0 MB). Use a smaller model, or its int8 package.',
  );
  expect(() => requireWithinBudget('api', [{ name: 'code', bytes: UNZIPPED_LIMIT_BYTES + 1 }])).toThrow(
    LayerBudgetError,
  );
});

test('describing the parts does not reorder them', () => {
  const parts = [
    { name: 'small', bytes: 1e6 },
    { name: 'large', bytes: 2e6 },
  ];

  expect(describeParts(parts)).toBe('large 2.0 MB, small 1.0 MB');
  expect(parts[0]?.name).toBe('small');
});
