import { rowChanges } from './labels.ts';
import { withRowList } from './row-list.ts';
import type { StoredImage } from './store.ts';

/**
 * Tells whether an image lacks label rows that it would have now, or has others.
 * @param indexThreshold labels and search concepts of at least this probability (0 to 1) have a row
 */
export function hasWrongRows({ entry, rows }: StoredImage, indexThreshold: number): boolean {
  if (entry !== null && withRowList(entry, indexThreshold) !== entry) return true;
  const { put, remove } = rowChanges(entry, rows);
  return put.length > 0 || remove.length > 0;
}
