import { anchorsOf, brokenLinks, linksOf } from './broken-links.ts';
import { markdownFiles, ROOT, readPage } from './markdown-files.ts';

test('every link of every page leads to a file, and to a heading where it names one', () => {
  const pages = new Map(markdownFiles().map((file) => [file, readPage(file)]));

  expect(pages.size).toBeGreaterThan(20);
  expect([...pages.values()].flatMap(linksOf).length).toBeGreaterThan(50);
  expect(brokenLinks(pages, ROOT)).toEqual([]);
});

test('every page in docs/ can be reached from its index', () => {
  const targets = linksOf(readPage('docs/README.md')).map((target) => `docs/${target}`);
  const pages = markdownFiles().filter((file) => file.startsWith('docs/') && file !== 'docs/README.md');

  expect(pages.filter((page) => !targets.includes(page))).toEqual([]);
});

test.each([
  ['a file that is not there', '[a](missing.md)', ['docs/a.md: missing.md']],
  ['a heading that is not there', '[a](#nowhere)', ['docs/a.md: #nowhere']],
  ['a heading that another page does not have', '[a](b.md#nowhere)', ['docs/a.md: b.md#nowhere']],
  ['a path from the root', '[a](docs/b.md)', ['docs/a.md: docs/b.md']],
  ['an image', '![a](missing.webp)', ['docs/a.md: missing.webp']],
  ['a link around an image', '[![a](missing.webp)](b.md)', ['docs/a.md: missing.webp']],
  [
    'links that resolve',
    '# Here, now\n[a](b.md) [b](b.md#there) [c](#here-now) [d](../LICENSE) [e](https://x.example/y)',
    [],
  ],
  ['code', '`[a](missing.md)`\n```\n[a](missing.md)\n```\n', []],
])('%s', (_name, text, expected) => {
  const pages = new Map([
    ['docs/a.md', text],
    ['docs/b.md', '# There\n'],
  ]);

  expect(brokenLinks(pages, ROOT)).toEqual(expected);
});

test('anchors are those that GitHub makes', () => {
  const text =
    '# `POST /uploads`: how?\n## int8 and fp16\n## A [link](b.md)\n### Costs\n### Costs\n```\n# no heading\n```\n';

  expect([...anchorsOf(text)]).toEqual(['post-uploads-how', 'int8-and-fp16', 'a-link', 'costs', 'costs-1']);
});
