import { lineCharts } from '../../../bench/load/line-charts.ts';

const across = { name: 'answers', values: [0, 50, 100] };

test('a line has a point for each value, and begins at zero', () => {
  const svg = lineCharts('A run', across, [{ title: 'MB', lines: [{ name: 'resident', values: [0, 10, 20] }] }]);

  expect(svg).toContain('<polyline points="60.0,156.0 355.0,106.0 650.0,56.0"');
  for (const text of ['A run', 'MB', 'resident', 'answers', '>20<', '>100<']) expect(svg).toContain(text);
});

test('where there was no answer there is no point', () => {
  const svg = lineCharts('A run', across, [{ title: 'ms', lines: [{ name: 'median', values: [5, Number.NaN, 5] }] }]);

  expect(svg).toContain('<polyline points="60.0,56.0 650.0,56.0"');
  expect(svg).not.toContain('NaN');
});
