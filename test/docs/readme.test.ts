import { readFileSync } from 'node:fs';

const MAX_LINES = 150;

test(`the README has at most ${MAX_LINES} lines: everything else has a page in docs/`, () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

  const lines = readme.trimEnd().split('\n').length;

  expect(lines).toBeGreaterThan(20);
  expect(lines).toBeLessThanOrEqual(MAX_LINES);
});
