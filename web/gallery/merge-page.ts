import type * as Wire from '../../functions/wire.ts';

/** The beginning of a list that goes on behind `cursor`. */
export interface Pages {
  readonly images: readonly Wire.Image[];
  /** Leads to the next page; null if there is none. */
  readonly cursor: string | null;
}

/**
 * Replaces the beginning of a list with its first page of now, and keeps the pages that follow. If
 * more than a page has changed, the list begins anew.
 */
export function mergeFirstPage(shown: Pages, first: Pages): Pages {
  const last = first.images.at(-1);
  if (first.cursor === null) return first;
  if (last === undefined) return shown;
  const end = shown.images.findIndex(({ id }) => id === last.id);
  if (end === -1) return first;
  return { images: withoutRepeats([...first.images, ...shown.images.slice(end + 1)]), cursor: shown.cursor };
}

/** Takes over what became of images that are shown already, and leaves their order alone. */
export function updateShown(images: readonly Wire.Image[], news: readonly Wire.Image[]): Wire.Image[] {
  const byId = new Map(news.map((image) => [image.id, image]));
  return images.map((image) => byId.get(image.id) ?? image);
}

/** Removes repeats. An image that moves between two pages arrives twice. */
export function withoutRepeats(images: readonly Wire.Image[]): Wire.Image[] {
  return [...new Map(images.map((image) => [image.id, image])).values()];
}
