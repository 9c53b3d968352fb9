import { intakeLines, NOTHING_LEFT } from '../../../web/classify/intake-lines.ts';

test.each([
  ['all pictures were added', {}, []],
  ['the page is full', { leftOut: 2 }, ['This page holds at most 200 pictures. Not added: 2 pictures.']],
  [
    'a folder has too many files',
    { isCut: true },
    ['Only the first 2,000 files and folders of what you dropped were looked at.'],
  ],
  [
    'files cannot be read',
    { unreadable: ['a/b.jpg'] },
    ['Your browser could not read a/b.jpg. Check who may read it.'],
  ],
  [
    'files are not pictures',
    { others: ['a', 'b', 'c', 'd', 'e'] },
    ['Left out, because only pictures can be classified: a, b, c and 2 more.'],
  ],
])('if %s, the page says: %j %j', (_what, part, lines) => {
  expect(intakeLines({ ...NOTHING_LEFT, ...part })).toEqual(lines);
});
