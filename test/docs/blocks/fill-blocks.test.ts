import { blockNames, fillBlocks } from '../../../docs/blocks/fill-blocks.ts';

const PAGE = `# Page
<!-- generated: one -->
old
<!-- end -->
between
<!-- generated: two -->
<!-- end -->
after
`;

test('each block gets its text, and the rest of the page stays', () => {
  const filled = fillBlocks(
    PAGE,
    new Map([
      ['one', 'first $&'],
      ['two', 'second'],
    ]),
  );

  expect(filled).toBe(`# Page
<!-- generated: one -->

first $&

<!-- end -->
between
<!-- generated: two -->

second

<!-- end -->
after
`);
});

test('filling twice changes nothing more', () => {
  const blocks = new Map([
    ['one', '| a |'],
    ['two', '| b |'],
  ]);

  const once = fillBlocks(PAGE, blocks);

  expect(fillBlocks(once, blocks)).toBe(once);
  expect(blockNames(once)).toEqual(['one', 'two']);
});

test('a block that nothing generates is an error that names it', () => {
  expect(() => fillBlocks(PAGE, new Map([['one', 'first']]))).toThrow(
    "there is no generated block 'two'; there are one",
  );
});
