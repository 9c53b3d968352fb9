import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type FoundImage, findImages, type LeftOut, leftOutText, NoImagesError } from '../../cli/find-images.ts';
import { ROOT } from './run-cli.ts';

const ACORN = join(ROOT, 'models/sample/images/acorn-1.jpg');

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'asn-find-'));
});

afterEach(() => rm(folder, { recursive: true }));

/** Makes files; those that end in `!` have the bytes of a JPEG. */
async function put(...names: string[]): Promise<void> {
  for (const name of names) {
    const path = join(folder, name.replace('!', ''));
    await mkdir(dirname(path), { recursive: true });
    if (name.endsWith('!')) await cp(ACORN, path);
    else await writeFile(path, 'text');
  }
}

async function find(): Promise<{ found: FoundImage[]; leftOut: LeftOut }> {
  const leftOut: LeftOut = { filesByEnding: new Map(), linksToFolders: 0 };
  const found: FoundImage[] = [];
  for await (const one of findImages(folder, leftOut)) found.push(one);
  return { found, leftOut };
}

const names = (found: readonly FoundImage[]) => found.map(({ file }) => file.slice(folder.length + 1));

test('files with the name or the bytes of an image are found at any depth, in the order of the names', async () => {
  await put('b/z.JPEG', 'b/a/no-ending!', 'B.png', 'a.tif', '10.webp', '9.gif', 'b.avif', 'c/photo.bak!', 'é.heic');

  expect(names((await find()).found)).toEqual([
    '10.webp',
    '9.gif',
    'B.png',
    'a.tif',
    'b/a/no-ending',
    'b/z.JPEG',
    'b.avif',
    'c/photo.bak',
    'é.heic',
  ]);
});

test('what is left out is counted by ending; hidden files and folders are passed over', async () => {
  await put('a.jpg', 'x.txt', 'sub/y.TXT', 'z.mov', 'README', '.DS_Store', '._a.jpg', '.cache/b.jpg');

  const { found, leftOut } = await find();

  expect(names(found)).toEqual(['a.jpg']);
  expect(leftOutText(leftOut)).toBe('4 files that are not images (2 .txt, 1 without an ending, 1 .mov)');
});

test('an ending that a terminal would obey is shown without that', () => {
  const filesByEnding = new Map([['.t\u001b[2Jxt', 1]]);

  expect(leftOutText({ filesByEnding, linksToFolders: 0 })).toBe('1 file that is not an image (1 .t [2Jxt)');
});

test('links to files are followed, and links to folders are not, so a loop ends', async () => {
  await put('sub/a.jpg!');
  await symlink('..', join(folder, 'sub/up'));
  await symlink('sub', join(folder, 'again'));
  await symlink('sub/a.jpg', join(folder, 'link'));
  await symlink('nowhere', join(folder, 'broken.png'));
  await symlink('self.jpg', join(folder, 'self.jpg'));

  const { found, leftOut } = await find();

  expect(names(found)).toEqual(['broken.png', 'link', 'self.jpg', 'sub/a.jpg']);
  expect(leftOutText(leftOut)).toBe('2 links to folders');
});

test.each([
  [[], 'the folder has no images in it'],
  [['a/b.txt'], 'the folder has no images in it, only 1 file that is not an image (1 .txt)'],
])('a folder with %j is an error', async (files, message) => {
  await put(...files);

  const { found } = await find();

  expect(found).toEqual([{ file: folder, error: expect.any(NoImagesError) }]);
  expect(found[0]?.error?.message).toBe(message);
});

test('many kinds of other files are summed up', () => {
  const filesByEnding = new Map(Array.from({ length: 9 }, (_, index) => [`.${index}`, 10 - index]));

  expect(leftOutText({ filesByEnding, linksToFolders: 1 })).toBe(
    '54 files that are not images (10 .0, 9 .1, 8 .2, 7 .3, 6 .4, …), 1 link to a folder',
  );
});

test('a folder that cannot be read is named, and the search goes on', async () => {
  // A folder whose name is longer than the system allows cannot be opened by any user.
  const found: FoundImage[] = [];
  const leftOut: LeftOut = { filesByEnding: new Map(), linksToFolders: 0 };
  for await (const one of findImages(join(folder, 'x'.repeat(300)), leftOut)) found.push(one);

  expect(found).toMatchObject([{ error: { code: 'unreadable-file' } }]);
});
