import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ImageTooLargeError } from '../../classifier/errors.ts';
import { readImage, UnreadableFileError } from '../../cli/read-image.ts';
import { ROOT, runCli } from './run-cli.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'asn-read-'));
});

afterEach(() => rm(folder, { recursive: true }));

async function pipe(): Promise<string> {
  const path = join(folder, 'pipe');
  await promisify(execFile)('mkfifo', [path]);
  return path;
}

test('a file at the limit is read completely, and one more byte is refused', async () => {
  const path = join(folder, 'image');
  await writeFile(path, Buffer.alloc(2_500_000, 7));

  expect(Buffer.alloc(2_500_000, 7).equals(await readImage(path, 2_500_000))).toBe(true);
  await expect(readImage(path, 2_499_999)).rejects.toThrow(ImageTooLargeError);
});

test('an endless input is not read beyond the limit', async () => {
  await expect(readImage('/dev/zero', 3_000_000)).rejects.toThrow(/more than 3000000 bytes/);
});

test('a pipe is read to its end, also if the program that writes comes later', async () => {
  const path = await pipe();

  const reading = readImage(path, 2_500_000);
  await writeFile(path, Buffer.alloc(2_500_000, 7));

  expect(Buffer.alloc(2_500_000, 7).equals(await reading)).toBe(true);
});

test('Ctrl-C ends a command that waits for a pipe without a writer', async () => {
  const path = await pipe();
  const acorn = join(ROOT, 'models/sample/images/acorn-1.jpg');
  const { code, out } = await runCli(['classify', '--model', 'sample', acorn, path], {
    cwd: folder,
    // The pipe is opened right after the first answer.
    onOutput: (child) => void setTimeout(() => child.kill('SIGINT'), 500),
  });

  expect({ code, out }).toEqual({ code: 130, out: expect.stringContaining('acorn') });
});

test.each([
  ['none', /it does not exist/],
  ['.', /it is a folder, not a file/],
  ['image/none', /a part of its path is a file, not a folder/],
  ['broken', /it is a link to nowhere\.jpg, which does not exist/],
  ['loop', /it is a link that leads back to itself/],
])('%j cannot be read, and the error says why', async (name, reason) => {
  await writeFile(join(folder, 'image'), '');
  await symlink('nowhere.jpg', join(folder, 'broken'));
  await symlink('loop', join(folder, 'loop'));

  const attempt = readImage(join(folder, name), 10);

  await expect(attempt).rejects.toThrow(UnreadableFileError);
  await expect(attempt).rejects.toThrow(reason);
});
