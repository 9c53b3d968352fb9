import type { Dirent } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { detectFormat, SIGNATURE_BYTES } from '../classifier/decode/format.ts';
import { AutoSwiftNetError, NotAnImageError, UnsupportedFormatError } from '../classifier/errors.ts';
import { UnreadableFileError } from './read-image.ts';
import { oneLine } from './report-error.ts';

/** A file to classify, or a folder that cannot be searched. */
export interface FoundImage {
  readonly file: string;
  readonly error?: AutoSwiftNetError;
}

/** A folder, or the address of a bucket or prefix, has no images in it. */
export class NoImagesError extends AutoSwiftNetError {
  constructor(message: string) {
    super(message, { code: 'no-images', status: 404 });
  }
}

/** What the search of a folder left out. */
export interface LeftOut {
  /** Number of files that are not images, by their ending: `.txt`, or '' for none. */
  readonly filesByEnding: Map<string, number>;
  linksToFolders: number;
}

/** A file with such a name is tried, and named if it turns out not to be an image. */
export const IMAGE_ENDING = /\.(jpe?g|jpe|jfif|png|webp|gif|tiff?|avif|hei[cf])$/i;

/**
 * Finds the images in a folder and its subfolders: files that have the name or the leading bytes of
 * an image. The order is that of the names, by UTF-16 code units, at every depth. Hidden files and
 * folders are passed over, and links to folders are not followed, so that it always ends. It holds
 * the names of the folders on its path in memory, never those of all files.
 * @param leftOut receives what was left out
 * @returns images, and subfolders that cannot be read with their error
 */
export async function* findImages(folder: string, leftOut: LeftOut): AsyncGenerator<FoundImage> {
  const found = search(folder, leftOut);
  const first = await found.next();
  if (first.done) {
    yield { file: folder, error: new NoImagesError(`the folder has no images in it${listed(leftOut)}`) };
    return;
  }
  yield first.value;
  yield* found;
}

/**
 * Says what was left out.
 * @example '3 files that are not images (2 .mov, 1 .txt), 1 link to a folder'
 */
export function leftOutText({ filesByEnding, linksToFolders }: LeftOut): string {
  const files = [...filesByEnding.values()].reduce((sum, count) => sum + count, 0);
  const endings = [...filesByEnding].sort(([, one], [, other]) => other - one);
  const shown = endings.slice(0, 5).map(([ending, count]) => `${count} ${oneLine(ending) || 'without an ending'}`);
  if (endings.length > shown.length) shown.push('…');
  return [
    ...(files > 0
      ? [`${files} ${files === 1 ? 'file that is not an image' : 'files that are not images'} (${shown.join(', ')})`]
      : []),
    ...(linksToFolders > 0
      ? [`${linksToFolders} ${linksToFolders === 1 ? 'link to a folder' : 'links to folders'}`]
      : []),
  ].join(', ');
}

function listed(leftOut: LeftOut): string {
  const text = leftOutText(leftOut);
  return text === '' ? '' : `, only ${text}`;
}

async function* search(folder: string, leftOut: LeftOut): AsyncGenerator<FoundImage> {
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    yield { file: folder, error: await UnreadableFileError.of(folder, error) };
    return;
  }
  entries.sort((one, other) => (one.name < other.name ? -1 : 1));
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const file = join(folder, entry.name);
    const kind = await kindOf(entry, file);
    if (kind === 'folder') yield* search(file, leftOut);
    else if (kind === 'link to a folder') leftOut.linksToFolders += 1;
    else if (kind === 'file' && (await isImage(file))) yield { file };
    else count(leftOut.filesByEnding, extname(entry.name).toLowerCase());
  }
}

/** A broken link counts as a file, so that the error names it if it has the name of an image. */
async function kindOf(entry: Dirent, file: string): Promise<'file' | 'folder' | 'link to a folder' | 'other'> {
  if (entry.isDirectory()) return 'folder';
  if (entry.isFile()) return 'file';
  if (!entry.isSymbolicLink()) return 'other';
  const target = await stat(file).catch(() => null);
  if (target?.isDirectory()) return 'link to a folder';
  return target === null || target.isFile() ? 'file' : 'other';
}

async function isImage(file: string): Promise<boolean> {
  if (IMAGE_ENDING.test(file)) return true;
  const bytes = await readBeginning(file);
  if (bytes === null) return false;
  try {
    detectFormat(bytes);
    return true;
  } catch (error) {
    if (error instanceof NotAnImageError || error instanceof UnsupportedFormatError) return false;
    throw error;
  }
}

async function readBeginning(file: string): Promise<Uint8Array | null> {
  try {
    const handle = await open(file);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(SIGNATURE_BYTES), 0, SIGNATURE_BYTES, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch {
    return null;
  }
}

function count(counts: Map<string, number>, ending: string): void {
  counts.set(ending, (counts.get(ending) ?? 0) + 1);
}
