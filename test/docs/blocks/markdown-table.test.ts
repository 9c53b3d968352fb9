import { markdownTable, valueCell } from '../../../docs/blocks/markdown-table.ts';

test('a table has a line a row, and bars in cells are escaped', () => {
  expect(markdownTable(['a', 'b'], [['1', 'x|y']])).toBe('| a | b |\n| --- | --- |\n| 1 | x\\|y |');
});

test.each([
  [undefined, ''],
  [null, ''],
  [[], ''],
  [0, '`0`'],
  [false, '`false`'],
  ['a', '`a`'],
  [['a', 'b'], '`a,b`'],
  [{}, '`{}`'],
])('the cell of %j is %j', (value, expected) => {
  expect(valueCell(value)).toBe(expected);
});
