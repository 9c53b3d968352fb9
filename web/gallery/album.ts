import type * as Wire from '../../functions/wire.ts';
import type { Api } from '../api/client.ts';
import { type Explanation, explain } from '../api/explain.ts';
import { createStore, type Store } from '../store.ts';
import type { GalleryFilter } from '../view.ts';
import { mergeFirstPage, type Pages, updateShown, withoutRepeats } from './merge-page.ts';

/** The part of the bucket that is on the page. */
export interface AlbumState extends Pages {
  /** Number of new images that are not shown yet, because somebody is reading. */
  readonly waiting: number;
  readonly isLoading: boolean;
  readonly failure: Explanation | null;
}

/** The pictures of the bucket that match a filter, page by page. */
export interface Album {
  readonly state: Store<AlbumState>;
  /** Loads the next page. Does nothing while a page is loading. Never throws. */
  more(): Promise<void>;
  /**
   * Loads the first page again, for new images and what became of the others.
   * @throws {ApiError}
   */
  lookAgain(): Promise<void>;
  /** Shows the new images that wait. */
  showWaiting(): void;
  close(): void;
}

export interface AlbumOptions {
  readonly api: Pick<Api, 'images'>;
  readonly filter: GalleryFilter;
  /** Whether somebody would lose the place if the images moved. */
  readonly isReading: () => boolean;
}

export const PAGE_SIZE = 24;

const START: AlbumState = { images: [], cursor: null, waiting: 0, isLoading: false, failure: null };

/** Opens an album and loads its first page. */
export function openAlbum({ api, filter, isReading }: AlbumOptions): Album {
  const state = createStore(START);
  const ending = new AbortController();
  const { signal } = ending;
  let newest: Pages | null = null;
  const change = (part: Partial<AlbumState>) => {
    if (!signal.aborted) state.update((old) => ({ ...old, ...part }));
  };
  const pageAfter = (cursor: string | null) => api.images({ ...filter, cursor, limit: PAGE_SIZE }, signal);
  const showWaiting = () => {
    if (newest !== null) change({ ...mergeFirstPage(state.get(), newest), waiting: 0 });
    newest = null;
  };
  const album: Album = {
    state,
    showWaiting,
    async more() {
      if (state.get().isLoading) return;
      change({ isLoading: true, failure: null });
      try {
        const page = await pageAfter(state.get().cursor);
        const { images } = state.get();
        change({ images: withoutRepeats([...images, ...page.images]), cursor: page.cursor, isLoading: false });
      } catch (error) {
        change({ isLoading: false, failure: explain(error) });
      }
    },
    async lookAgain() {
      const page = await pageAfter(null);
      const { images, isLoading } = state.get();
      if (isLoading) return; // the next page belongs to the list as it is
      newest = page;
      const known = new Set(images.map(({ id }) => id));
      const waiting = page.images.filter(({ id }) => !known.has(id)).length;
      change({ images: updateShown(images, page.images), waiting, failure: null });
      if (images.length === 0 || !isReading()) showWaiting();
    },
    close: () => ending.abort(),
  };
  void album.more();
  return album;
}

/** The label to show with an image. */
export interface Headline {
  readonly label: string;
  readonly probability: number;
  /** The concept by which a search found the image, if it was one, such as `dog` for a whippet. */
  readonly group: { readonly label: string; readonly probability: number } | null;
}

/**
 * Returns the label that a search found, else the image's best: the name of a concept is the same
 * for all that a search for it finds.
 */
export function headline({ match, predictions: [best] }: Wire.Image): Headline | null {
  if (match === undefined || (match.rank === null && best !== undefined)) {
    return best === undefined ? null : { ...namedBy(best), group: match === undefined ? null : namedBy(match) };
  }
  return { ...namedBy(match), group: null };
}

function namedBy({ label, probability }: { readonly label: string; readonly probability: number }) {
  return { label, probability };
}
