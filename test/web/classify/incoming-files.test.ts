import { chosenFiles, MAX_ENTRIES, readItems } from '../../../web/classify/incoming-files.ts';

/** Most entries that Chromium returns at a time. */
const PAGE = 100;

function fileEntry(fullPath: string, file = new File(['x'], fullPath.replace(/.*\//, ''))): FileSystemFileEntry {
  const entry = { isFile: true, isDirectory: false, name: file.name, fullPath };
  return { ...entry, file: (take: (file: File) => void) => take(file) } as FileSystemFileEntry;
}

function folder(fullPath: string, entries: readonly FileSystemEntry[]): FileSystemDirectoryEntry {
  const entry = { isFile: false, isDirectory: true, name: fullPath.replace(/.*\//, ''), fullPath };
  const createReader = () => {
    let at = 0;
    return {
      readEntries(take: (page: FileSystemEntry[]) => void) {
        take(entries.slice(at, at + PAGE));
        at += PAGE;
      },
    };
  };
  return { ...entry, createReader } as unknown as FileSystemDirectoryEntry;
}

const unreadable = (fullPath: string, isDirectory: boolean) => {
  const refuse = (_take: unknown, fail: (error: Error) => void) => fail(new DOMException('no', 'NotReadableError'));
  return {
    ...fileEntry(fullPath),
    isDirectory,
    file: refuse,
    createReader: () => ({ readEntries: refuse }),
  } as unknown as FileSystemEntry;
};

const names = (files: readonly File[]) => files.map(({ name }) => name);

test('a folder is read to its last page, with the folders in it, in the order of the names', async () => {
  const many = Array.from({ length: 250 }, (_, at) => fileEntry(`/a/b/${250 - at}.jpg`));

  const {
    files,
    others,
    unreadable: failed,
    isCut,
  } = await readItems([folder('/a', [fileEntry('/a/z.png'), folder('/a/b', many)])]);

  expect(names(files)).toEqual([...Array.from({ length: 250 }, (_, at) => `${at + 1}.jpg`), 'z.png']);
  expect([others, failed, isCut]).toEqual([[], [], false]);
});

test('files in folders that are no pictures are named, hidden ones are passed over, and files by themselves are kept', async () => {
  const alone = new File(['x'], 'notes.txt');
  const inFolder = [
    fileEntry('/a/notes.txt'),
    fileEntry('/a/.DS_Store'),
    fileEntry('/a/._one.jpg'),
    fileEntry('/a/one.JPG'),
  ];

  const { files, others } = await readItems([alone, folder('/a', inFolder)]);

  expect(names(files)).toEqual(['notes.txt', 'one.JPG']);
  expect(others).toEqual(['notes.txt']);
});

test('what cannot be read is named by its path, and the rest is read', async () => {
  const found = await readItems([
    folder('/a', [unreadable('/a/locked', true), unreadable('/a/secret.jpg', false), fileEntry('/a/one.jpg')]),
  ]);

  expect(found.unreadable).toEqual(['a/locked', 'a/secret.jpg']);
  expect(names(found.files)).toEqual(['one.jpg']);
});

test.each([
  [MAX_ENTRIES, false],
  [MAX_ENTRIES + 1, true],
])('of %i files in folders at most 2,000 are looked at', async (count, isCut) => {
  const entries = Array.from({ length: count }, (_, at) => fileEntry(`/a/${at}.jpg`));

  const found = await readItems([folder('/a', entries)]);

  expect([found.files.length, found.isCut]).toEqual([MAX_ENTRIES, isCut]);
});

/** A file as the dialog for folders gives it. */
function inFolder(path: string): File {
  const file = new File(['x'], path.replace(/.*\//, ''));
  return Object.defineProperty(file, 'webkitRelativePath', { value: path });
}

test('of a chosen folder, pictures are taken in the order of their paths, and what is hidden is left out', () => {
  const paths = ['f/10.jpg', 'f/notes.txt', 'f/2.jpg', 'f/.git/x.png', 'f/sub/.hidden.jpg', 'f/a/1.png'];

  const { files, ...rest } = chosenFiles(paths.map(inFolder));

  expect(names(files)).toEqual(['2.jpg', '10.jpg', '1.png']);
  expect(rest).toEqual({ others: ['notes.txt'], unreadable: [], isCut: false });
});

test('of a very large folder the first files are taken; single files are all taken, whatever they are', () => {
  const many = Array.from({ length: MAX_ENTRIES + 1 }, (_, at) => inFolder(`f/${at}.jpg`));
  const { files, isCut } = chosenFiles(many);
  expect([files.length, files.at(-1)?.name, isCut]).toEqual([MAX_ENTRIES, `${MAX_ENTRIES - 1}.jpg`, true]);

  const single = [new File(['x'], 'notes.txt'), new File(['x'], '.hidden.jpg')];
  expect(chosenFiles(single)).toEqual({ files: single, others: [], unreadable: [], isCut: false });
});
