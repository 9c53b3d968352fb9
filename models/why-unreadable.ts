import { lstat, readlink } from 'node:fs/promises';
import { messageOf } from '../classifier/message-of.ts';

/** What the codes of the system mean for a file or folder that somebody named. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EISDIR: 'it is a folder, not a file',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EACCES: 'permission denied',
  ELOOP: 'it is a link that leads back to itself',
  ENAMETOOLONG: 'its name is too long',
  ENXIO: 'it is a socket, not a file',
};

/**
 * Says in words why the system refuses to read a file or a folder.
 * @param error what the system threw; the message of any other error is returned as it is
 * @example
 * await whyUnreadable('photo.jpg', error) // it is a link to ../old/photo.jpg, which does not exist
 */
export async function whyUnreadable(path: string, error: unknown): Promise<string> {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  const found = code === 'ENOENT' || code === 'ENOTDIR' ? await lstat(path).catch(() => null) : null;
  if (found?.isSymbolicLink()) return `it is a link to ${await readlink(path)}, which does not exist`;
  if (found?.isFile()) return 'it is a file, not a folder';
  return REASONS[code] ?? messageOf(error);
}
