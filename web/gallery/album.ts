import type * as Wire from '../../functions/wire.ts';
import type { Api } from '../api/client.ts';
import { type Explanation, explain } from '../api/explain.ts';
import { POLL_BACKOFF, pause, poll } from '../api/poll.ts';
import { createStore, type Store } from '../store.ts';
import type { GalleryFilter } from '../view.ts';

/** The part of the bucket that is on the page. */
export interface AlbumState {
  readonly images: readonly Wire.Image[];
  /** Leads to the next page; null if there is none. */
  readonly cursor: string | null;
  readonly isLoading: boolean;
  readonly failure: Explanation | null;
}

/** The pictures of the bucket that match a filter, page by page. */
export interface Album {
  readonly state: Store<AlbumState>;
  /** Loads the next page. Does nothing while a page is loading. */
  more(): Promise<void>;
  /** Loads one image again, because its URL is valid for a few minutes only. */
  refresh(id: string): Promise<void>;
  close(): void;
}

const PAGE_SIZE = 24;

const START: AlbumState = { images: [], cursor: null, isLoading: false, failure: null };

/**
 * Loads the first page at once. After that it keeps asking for what may change: pending images, and
 * the first page while it is empty. The user may have come here for a picture that is just being
 * tagged.
 */
export function openAlbum(api: Api, filter: GalleryFilter): Album {
  const state = createStore(START);
  const ending = new AbortController();
  const { signal } = ending;
  const change = (part: Partial<AlbumState>) => {
    if (!signal.aborted) state.update((old) => ({ ...old, ...part }));
  };
  const replace = (image: Wire.Image) =>
    change({ images: state.get().images.map((old) => (old.id === image.id ? merge(old, image) : old)) });
  const refresh = async (id: string) => {
    // If one image cannot be loaded, the others do not need a message. Its tile shows what it can.
    await api.image(id, signal).then(replace, () => {});
  };
  const nextPage = async () => {
    const { cursor, images } = state.get();
    const page = await api.images({ ...filter, cursor, limit: PAGE_SIZE }, signal);
    change({ images: withoutRepeats([...images, ...page.images]), cursor: page.cursor, isLoading: false });
  };
  const album: Album = {
    state,
    refresh,
    async more() {
      if (state.get().isLoading) return;
      change({ isLoading: true, failure: null });
      try {
        await nextPage();
      } catch (error) {
        change({ isLoading: false, failure: explain(error) });
      }
    },
    close: () => ending.abort(),
  };
  const lookAgain = async () => {
    const { images, cursor, isLoading, failure } = state.get();
    if (images.length === 0 && cursor === null && !isLoading && failure === null) await nextPage().catch(() => {});
    for (const { id } of images.filter((image) => image.state === 'pending')) await refresh(id);
  };
  void album.more().then(() => repeat(lookAgain, signal));
  return album;
}

/** Repeats with growing pauses until the signal is aborted. */
async function repeat(look: () => Promise<void>, signal: AbortSignal): Promise<void> {
  const isOver = () => signal.aborted;
  await pause(POLL_BACKOFF.firstMs, signal)
    .then(() => poll(look, isOver, signal))
    .catch(() => {}); // the album was closed
}

/** Keeps the match of a search, because an image that is loaded alone has none. */
function merge(old: Wire.Image, image: Wire.Image): Wire.Image {
  return old.match === undefined ? image : { ...image, match: old.match };
}

/** Removes repeats. An image that moves between two pages of a search arrives twice. */
function withoutRepeats(images: readonly Wire.Image[]): Wire.Image[] {
  return [...new Map(images.map((image) => [image.id, image])).values()];
}

/**
 * Returns the label and probability to show with an image: the ones that the search found, else its
 * best.
 */
export function headline({ match, predictions }: Wire.Image): { label: string; probability: number } | null {
  return match ?? predictions[0] ?? null;
}

/** Returns the best labels of the images, the most frequent first, to offer as filters. */
export function commonLabels(images: readonly Wire.Image[], limit: number): string[] {
  const counts = new Map<string, number>();
  for (const { predictions } of images) {
    const label = predictions[0]?.label;
    if (label !== undefined) counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a, many], [b, more]) => more - many || a.localeCompare(b, 'en'))
    .slice(0, limit)
    .map(([label]) => label);
}
