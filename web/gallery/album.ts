import type { BucketImage } from '../api/answers.ts';
import type { Api } from '../api/client.ts';
import { type Explanation, explain } from '../api/explain.ts';
import { POLL_BACKOFF, pause, poll } from '../api/poll.ts';
import { createStore, type Store } from '../store.ts';
import type { GalleryFilter } from '../view.ts';

/** What of the bucket is on the page. */
export interface AlbumState {
  readonly images: readonly BucketImage[];
  /** For the next page; null when there is none. */
  readonly cursor: string | null;
  readonly isLoading: boolean;
  readonly failure: Explanation | null;
}

/** The pictures of the bucket under one filter, a page at a time. */
export interface Album {
  readonly state: Store<AlbumState>;
  /** The next page; nothing while one is on its way. */
  more(): Promise<void>;
  /** Asks for one image anew: its URL is good for minutes only. */
  refresh(id: string): Promise<void>;
  close(): void;
}

const PAGE_SIZE = 24;

const START: AlbumState = { images: [], cursor: null, isLoading: false, failure: null };

/**
 * Asks for the first page at once, and goes on asking for what is about to change: images that nothing is known of yet, and the first page
 * while it is empty. Somebody may have come here for a picture that is only just being tagged.
 */
export function openAlbum(api: Api, filter: GalleryFilter): Album {
  const state = createStore(START);
  const ending = new AbortController();
  const { signal } = ending;
  const change = (part: Partial<AlbumState>) => {
    if (!signal.aborted) state.update((old) => ({ ...old, ...part }));
  };
  const replace = (image: BucketImage) =>
    change({ images: state.get().images.map((old) => (old.id === image.id ? merge(old, image) : old)) });
  const refresh = async (id: string) => {
    // One image that cannot be had is no reason to say so over the others: its tile shows what it can.
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

/** With pauses that grow, until the signal is aborted. */
async function repeat(look: () => Promise<void>, signal: AbortSignal): Promise<void> {
  const isOver = () => signal.aborted;
  await pause(POLL_BACKOFF.firstMs, signal)
    .then(() => poll(look, isOver, signal))
    .catch(() => {}); // closed
}

/** A search's match is not part of the image by itself. */
function merge(old: BucketImage, image: BucketImage): BucketImage {
  return old.match === undefined ? image : { ...image, match: old.match };
}

/** An image that moves between two pages of a search is there twice. */
function withoutRepeats(images: readonly BucketImage[]): BucketImage[] {
  return [...new Map(images.map((image) => [image.id, image])).values()];
}

/** The label and probability that an image is shown with: those that were searched for, else its best. */
export function headline({ match, predictions }: BucketImage): { label: string; probability: number } | null {
  return match ?? predictions[0] ?? null;
}

/** The best labels of the images, the most frequent first, to offer as filters. */
export function commonLabels(images: readonly BucketImage[], limit: number): string[] {
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
