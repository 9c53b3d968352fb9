import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImageTooLargeError } from '../../classifier/errors.ts';
import { readImage, UnreadableFileError } from '../../cli/read-image.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'asn-read-'));
});

afterEach(() => rm(folder, { recursive: true }));

test('a file at the limit is read completely, and one more byte is refused', async () => {
  const path = join(folder, 'image');
  await writeFile(path, Buffer.alloc(2_500_000, 7));

  expect(Buffer.alloc(2_500_000, 7).equals(await readImage(path, 2_500_000))).toBe(true);
  await expect(readImage(path, 2_499_999)).rejects.toThrow(ImageTooLargeError);
});

test('an endless input is not read beyond the limit', async () => {
  await expect(readImage('/dev/zero', 3_000_000)).rejects.toThrow(/more than 3000000 bytes/);
});

test.each([
  ['none', /the file does not exist/],
  ['.', /it is a folder/],
])('%j cannot be read, and the error says why', async (name, reason) => {
  await expect(readImage(join(folder, name), 10)).rejects.toThrow(UnreadableFileError);
  await expect(readImage(join(folder, name), 10)).rejects.toThrow(reason);
});
