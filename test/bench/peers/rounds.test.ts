import { figuresOf, ratiosOf, type Series } from '../../../bench/peers/rounds.ts';

const series = (name: string, precision: 'fp32' | 'int8', rounds: readonly number[]): Series => ({
  side: { name, precision, command: [] },
  measure: 'photographs',
  basis: 'cpu',
  rounds,
});

const SERIES = [
  series('AutoSwiftNet', 'fp32', [10, 20, 40]),
  series('AutoSwiftNet', 'int8', [5, 5, 5]),
  series('transformers.js', 'fp32', [20, 60, 40]),
];

test('a figure has the median and the quartiles of its rounds', () => {
  expect(figuresOf('resnet18', SERIES)[2]).toEqual({
    network: 'resnet18',
    side: 'transformers.js',
    precision: 'fp32',
    measure: 'photographs',
    basis: 'cpu',
    median: 40,
    low: 40,
    high: 60,
  });
});

test('a ratio is computed within each round, so that a slow moment of the machine cancels', () => {
  const ratios = ratiosOf('resnet18', SERIES);

  expect(ratios.map(({ precision, peer, median }) => [precision, peer, median])).toEqual([
    ['fp32', 'transformers.js', 2],
    ['int8', 'transformers.js', 8],
  ]);
});

test('a ratio compares only the same measure on the same basis', () => {
  const wall = { ...SERIES[2], basis: 'wall' } as Series;

  expect(ratiosOf('resnet18', [...SERIES.slice(0, 2), wall])).toEqual([]);
});
