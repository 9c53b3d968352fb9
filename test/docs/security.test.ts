import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, readPage } from './markdown-files.ts';

interface Citation {
  readonly file: string;
  readonly title: string;
}

const [, MODEL = ''] = readPage('SECURITY.md').split(/^## Threat model$/m);
/** The lines of a list item, as one text. */
const CLAIMS = [...MODEL.matchAll(/^- (.+(?:\n {2}.+)*)/gm)].map(([, text = '']) => text.replaceAll(/\s+/g, ' '));

/** `test/a.test.ts`: "one title", "another" */
function citationsIn(claim: string): Citation[] {
  return [...claim.matchAll(/`(test\/[\w./-]+\.ts)`:((?:,? "[^"]+")+)/g)].flatMap(([, file = '', titles = '']) =>
    [...titles.matchAll(/"([^"]+)"/g)].map(([, title = '']) => ({ file, title })),
  );
}

test('every claim of the threat model names a test', () => {
  expect(CLAIMS.length).toBeGreaterThan(30);
  expect(CLAIMS.filter((claim) => citationsIn(claim).length === 0)).toEqual([]);
});

test.each(CLAIMS.flatMap(citationsIn))('there is the test "$title" in $file', ({ file, title }) => {
  const source = readFileSync(join(ROOT, file), 'utf8');
  const written = [...source.matchAll(/^(?!\s*(?:\/\/|\*)).*?(['"])((?:(?!\1)[^\\\n]|\\.)+)\1, (?:async )?\(/gm)];
  const inMultipleLines = [...source.matchAll(/^\s*(['"])((?:(?!\1)[^\\\n]|\\.)+)\1,$/gm)];
  const titles = [...written, ...inMultipleLines].map(([, , text = '']) => text.replaceAll(/\\(.)/g, '$1'));

  expect(titles).toContain(title);
});
