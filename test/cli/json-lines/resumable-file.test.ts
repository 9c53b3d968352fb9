import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidLineError } from '../../../cli/json-lines/errors.ts';
import { NameSet, openResumable } from '../../../cli/json-lines/resumable-file.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'asn-resumable-'));
});

afterEach(() => rm(folder, { recursive: true }));

/** Opens a file that has this content, appends a line, and returns what was read and what is there. */
async function appendTo(content: string | Uint8Array | null) {
  const file = join(folder, 'lines.jsonl');
  if (content !== null) await writeFile(file, content);
  const read: string[] = [];
  const opened = await openResumable(file, '{"file":', ({ text }) => read.push(text));
  await opened.append('{"file":"new"}\n');
  await opened.close();
  return { read, content: await readFile(file, 'utf8') };
}

test.each<[string, string | Uint8Array | null, string[]]>([
  ['no file', null, []],
  ['an empty file', '', []],
  ['complete lines', '{"file":"a"}\n{"file":"b"}\n', ['{"file":"a"}', '{"file":"b"}']],
  ['a line that is cut off', '{"file":"a"}\n{"file":"b', ['{"file":"a"}']],
  ['a line that lacks its end only', '{"file":"a"}\n{"file":"b"}', ['{"file":"a"}']],
  ['a line that is cut off in its beginning', '{"file":"a"}\n{"fi', ['{"file":"a"}']],
  ['a character that is cut off', Buffer.from('{"file":"a"}\n{"file":"é').subarray(0, -1), ['{"file":"a"}']],
  ['nothing but a line that is cut off', '{"file":"a', []],
])('%s: complete lines are read and kept, and new ones follow', async (_, content, lines) => {
  expect(await appendTo(content)).toEqual({
    read: lines,
    content: [...lines, '{"file":"new"}'].map((line) => `${line}\n`).join(''),
  });
});

test.each(['a text', '{"file":"a"}\nand something else', '\ud83d\ude00'])(
  'a file that ends in %j is of another kind, and is left as it is',
  async (content) => {
    const appending = appendTo(content);

    await expect(appending).rejects.toThrow(InvalidLineError);
    await expect(appending).rejects.toThrow(/lines\.jsonl, last line: it was not written by this command/);
    expect(await readFile(join(folder, 'lines.jsonl'), 'utf8')).toBe(content);
  },
);

test('lines that are appended at the same time are whole, and in their order', async () => {
  const file = join(folder, 'lines.jsonl');
  const lines = Array.from({ length: 50 }, (_, place) => `{"file":"${String(place).repeat(20_000)}"}\n`);
  const opened = await openResumable(file, '{"file":', () => {});

  const appending = lines.map((line) => opened.append(line));
  await opened.close();
  await Promise.all(appending);

  expect(await readFile(file, 'utf8')).toBe(lines.join(''));
});

test('a set of names says which are new', () => {
  const names = new NameSet();

  expect(['a', 'b', 'a'].map((name) => names.add(name))).toEqual([true, true, false]);
  expect([names.has('b'), names.has('c'), names.size]).toEqual([true, false, 2]);
});

test('a set of names holds many times what one set can hold', () => {
  const most = 50;
  class SmallSet extends Set<string> {
    override add(value: string): this {
      if (this.size === most) throw new RangeError('Set maximum size exceeded');
      return super.add(value);
    }
  }
  const names = new NameSet(() => new SmallSet());
  const many = Array.from({ length: 100 * most }, (_, place) => `s3://bucket/${place}.jpg`);

  expect(many.filter((name) => names.add(name))).toEqual(many);
  expect(many.every((name) => names.has(name) && !names.add(name))).toBe(true);
  expect(names.size).toBe(many.length);
});
