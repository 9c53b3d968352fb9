import { BIG_SIZES, CLASSIC_SIZES, type Directory, viewOf } from './directory.ts';

/** The new values of tags, as whole numbers. */
export type Changes = ReadonlyMap<number, readonly number[]>;

const [LONG, LONG8] = [4, 16];

/**
 * Returns a copy of a TIFF with another first directory at its end, and no further one. So libtiff
 * reads the same data under another description.
 * @param keep the tags that are taken over as they are
 */
export function rewriteDirectory(directory: Directory, keep: readonly number[], changes: Changes): Uint8Array {
  const { bytes, littleEndian, big, entries } = directory;
  const { countBytes, entryBytes, offsetBytes } = big ? BIG_SIZES : CLASSIC_SIZES;
  const kept = keep.filter((tag) => entries.has(tag) && !changes.has(tag));
  const tags = [...kept, ...changes.keys()].sort((a, b) => a - b);
  const start = bytes.length + (bytes.length % 2);
  const valuesAt = start + countBytes + tags.length * entryBytes + offsetBytes;
  const values = [...changes.values()].reduce((sum, { length }) => sum + length, 0);

  const result = new Uint8Array(valuesAt + values * offsetBytes);
  const view = viewOf(result);
  const put = (at: number, value: number): void =>
    big ? view.setBigUint64(at, BigInt(value), littleEndian) : view.setUint32(at, value, littleEndian);
  result.set(bytes);
  put(offsetBytes, start);
  if (big) put(start, tags.length);
  else view.setUint16(start, tags.length, littleEndian);
  let [at, nextValueAt] = [start + countBytes, valuesAt];
  for (const tag of tags) {
    const [entry, changed] = [entries.get(tag), changes.get(tag)];
    if (changed) {
      view.setUint16(at, tag, littleEndian);
      view.setUint16(at + 2, big ? LONG8 : LONG, littleEndian);
      put(at + 4, changed.length);
      const isInline = changed.length === 1;
      if (!isInline) put(at + 4 + offsetBytes, nextValueAt);
      for (const [index, value] of changed.entries()) {
        put((isInline ? at + 4 + offsetBytes : nextValueAt) + index * offsetBytes, value);
      }
      if (!isInline) nextValueAt += changed.length * offsetBytes;
    } else if (entry) {
      result.set(bytes.subarray(entry.at, entry.at + entryBytes), at);
    }
    at += entryBytes;
  }
  return result;
}
