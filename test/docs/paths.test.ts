import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readFloors } from '../floors.ts';
import { markdownFiles, ROOT, readPage } from './markdown-files.ts';

/** What a checkout does not have: made on the spot. */
const MADE = /^(models\/cache|layers\/cache|web\/page)\b/;

const ROOMS = readFloors().flatMap((line) => line.map((room) => (typeof room === 'string' ? room : room.room)));
const PATH = new RegExp(String.raw`(?<![\w/.:-])(?:${ROOMS.join('|')})[\w./-]*\w`, 'g');

/** Files and folders of the repository that a page names in code, in a text or in a command. */
function pathsOf(text: string): string[] {
  const code = [...text.matchAll(/^```[\s\S]*?^```|`[^`\n]+`/gm)].map(([part]) => part);
  return code.flatMap((part) => [...part.matchAll(PATH)].map(([path]) => path)).filter((path) => !MADE.test(path));
}

test('every file and folder that a page names is there', () => {
  const named = markdownFiles().flatMap((page) => pathsOf(readPage(page)).map((path) => ({ page, path })));

  expect(named.length).toBeGreaterThan(80);
  expect(named.filter(({ path }) => !existsSync(join(ROOT, path)))).toEqual([]);
});

test('paths are found in texts and commands, and nowhere else', () => {
  const text =
    'See `classifier/decode.ts`, models/not-code.ts, `models/cache/mine`.\n```\nnode bench/api.ts 25\n```\n`s3://x/web/y`';

  expect(pathsOf(text)).toEqual(['classifier/decode.ts', 'bench/api.ts']);
});
