import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidLineError } from '../../../cli/json-lines/errors.ts';
import { type Line, MAX_LINE_BYTES, readLines } from '../../../cli/json-lines/read-lines.ts';
import { UnreadableFileError } from '../../../cli/read-image.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'asn-lines-'));
});

afterAll(() => rm(folder, { recursive: true }));

async function read(content: string | Uint8Array): Promise<Line[]> {
  const file = join(folder, 'lines');
  await writeFile(file, content);
  const all: Line[] = [];
  for await (const lines of readLines(file)) all.push(...lines);
  return all;
}

test('lines are numbered from 1; empty ones are left out, and the last needs no line end', async () => {
  expect(await read('\uFEFFa\r\n\n  \nd\ne')).toEqual([
    { text: 'a\r', number: 1 },
    { text: 'd', number: 4 },
    { text: 'e', number: 5 },
  ]);
  expect(await read('')).toEqual([]);
});

test('a line that is longer than a piece of the file is whole, with its characters', async () => {
  const long = 'é'.repeat(MAX_LINE_BYTES / 2 - 1);

  expect(await read(`${long}\n${long}x`)).toEqual([
    { text: long, number: 1 },
    { text: `${long}x`, number: 2 },
  ]);
});

test('a file without line ends is refused before it fills the memory', async () => {
  const reading = read(`a\n${'x'.repeat(MAX_LINE_BYTES + 2_000_000)}`);

  await expect(reading).rejects.toThrow(InvalidLineError);
  await expect(reading).rejects.toThrow(/lines, line 2: the line has more than 4000000 bytes/);
});

test('bytes that are not UTF-8 are refused with their line', async () => {
  await expect(read(Buffer.from([0x61, 0x0a, 0xff, 0xfe]))).rejects.toThrow(/lines, line 2: .*not text in UTF-8/);
});

test('a file that cannot be read is named', async () => {
  const reading = readLines(join(folder, 'none')).next();

  await expect(reading).rejects.toThrow(UnreadableFileError);
  await expect(reading).rejects.toThrow(/none cannot be read: it does not exist/);
});
