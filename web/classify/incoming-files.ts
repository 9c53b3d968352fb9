import { typeOf } from './media-type.ts';

/** What was dropped, pasted or chosen. */
export interface IncomingFiles {
  readonly files: readonly File[];
  /** Names of files in dropped folders that are no pictures. */
  readonly others: readonly string[];
  /** Paths of files and folders that the browser could not read. */
  readonly unreadable: readonly string[];
  /** Whether the folders have more files than are looked at. */
  readonly isCut: boolean;
}

/** One dropped thing: a file, or an entry of a file system, which may be a folder. */
export type Item = File | FileSystemEntry;

/**
 * Most entries of dropped folders that are looked at, so that a home folder does not keep the page
 * busy for minutes.
 */
export const MAX_ENTRIES = 2_000;

/**
 * Returns what is being dropped or pasted. It must be called while the event is handled: the browser
 * takes the data away afterwards.
 */
export function itemsOf({ items }: DataTransfer): Item[] {
  return [...items]
    .filter(({ kind }) => kind === 'file')
    .map((item) => item.webkitGetAsEntry() ?? item.getAsFile())
    .filter((item) => item !== null);
}

/**
 * Reads files, and walks folders with everything below them. Files that were dropped by themselves
 * are all returned, those in folders only if they are pictures. Hidden files in folders are left
 * out. Never throws.
 */
export async function readItems(items: readonly Item[]): Promise<IncomingFiles> {
  const files: File[] = [];
  const others: string[] = [];
  const unreadable: string[] = [];
  const waiting: { readonly item: Item; readonly isInFolder: boolean }[] = items.map((item) => ({
    item,
    isInFolder: false,
  }));
  let seen = 0;
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { item, isInFolder } = next;
    if (isInFolder && seen === MAX_ENTRIES) return { files, others, unreadable, isCut: true };
    if (isInFolder) seen += 1;
    try {
      if (isFolder(item)) {
        const found = await listFolder(item, MAX_ENTRIES + 1 - seen);
        waiting.unshift(...found.filter(isVisible).map((entry) => ({ item: entry, isInFolder: true })));
        continue;
      }
      const file = item instanceof File ? item : await openFile(item as FileSystemFileEntry);
      if (isInFolder && typeOf(file) === null) others.push(file.name);
      else files.push(file);
    } catch {
      unreadable.push(pathOf(item));
    }
  }
  return { files, others, unreadable, isCut: false };
}

/**
 * Sorts what was chosen in a file dialog. Of a folder the browser gives every file below it at once,
 * with its path.
 */
export function chosenFiles(chosen: readonly File[]): IncomingFiles {
  if (chosen.every(({ webkitRelativePath }) => !webkitRelativePath))
    return { files: chosen, others: [], unreadable: [], isCut: false };
  const visible = chosen.filter(({ webkitRelativePath }) => !webkitRelativePath.includes('/.'));
  const looked = visible.toSorted(byPath).slice(0, MAX_ENTRIES);
  const isPicture = (file: File) => typeOf(file) !== null;
  return {
    files: looked.filter(isPicture),
    others: looked.filter((file) => !isPicture(file)).map(({ name }) => name),
    unreadable: [],
    isCut: visible.length > looked.length,
  };
}

function byPath(one: File, other: File): number {
  return one.webkitRelativePath.localeCompare(other.webkitRelativePath, 'en', { numeric: true });
}

function isFolder(item: Item): item is FileSystemDirectoryEntry {
  return !(item instanceof File) && item.isDirectory;
}

function isVisible({ name }: FileSystemEntry): boolean {
  return !name.startsWith('.');
}

function pathOf(item: Item): string {
  return item instanceof File ? item.name : item.fullPath.slice(1);
}

/**
 * Lists a folder in the order of the names. A browser returns at most about 100 entries at a time,
 * and none at the end.
 * @param most ends the listing of a folder with more entries
 */
async function listFolder(folder: FileSystemDirectoryEntry, most: number): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const found: FileSystemEntry[] = [];
  while (found.length < most) {
    const page = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (page.length === 0) break;
    found.push(...page);
  }
  return found.sort((one, other) => one.name.localeCompare(other.name, 'en', { numeric: true }));
}

function openFile(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}
