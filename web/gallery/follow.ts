import type * as Wire from '../../functions/wire.ts';
import type { Api } from '../api/client.ts';
import { EVERY_PICTURE } from '../view.ts';
import { type Album, PAGE_SIZE } from './album.ts';

/** So few images are asked for most of the time, because a whole page has tens of kilobytes. */
const PULSE_SIZE = 6;

/**
 * So often the whole page is loaded after a change. Several uploads are tagged in any order, and
 * the index for labels follows a moment later.
 */
const LOOKS_AFTER_CHANGE = 3;

/** After so many looks without a change the whole page is loaded, for images that were deleted. */
const LOOKS_WITHOUT_CHANGE = 20;

export interface FollowOptions {
  readonly api: Pick<Api, 'images'>;
  readonly album: Pick<Album, 'state' | 'lookAgain'>;
  /** Whether the album shows every picture, the newest first. */
  readonly isWhole: boolean;
  /** Receives the newest images of the bucket, whatever the album shows. */
  readonly onSeen: (images: readonly Wire.Image[]) => void;
}

/**
 * Makes a function that asks what is new in the bucket, and loads the album's first page again
 * when something is. The function throws what the API throws.
 */
export function follow({ api, album, isWhole, onSeen }: FollowOptions): (signal: AbortSignal) => Promise<void> {
  let last: string | null = null;
  let looksDue = 0;
  let quiet = 0;
  return async (signal) => {
    const shown = album.state.get().images;
    if (last === null && isWhole && shown.length > 0) last = digest(shown);
    const limit = last === null ? PAGE_SIZE : PULSE_SIZE;
    const { images } = await api.images({ ...EVERY_PICTURE, cursor: null, limit }, signal);
    onSeen(images);
    const now = digest(images);
    looksDue = now === last ? looksDue : LOOKS_AFTER_CHANGE;
    quiet = now === last ? quiet + 1 : 0;
    last = now;
    if (looksDue === 0 && quiet < LOOKS_WITHOUT_CHANGE) return;
    await album.lookAgain();
    looksDue = Math.max(0, looksDue - 1);
    quiet = 0;
  };
}

/** Changes with the newest images and with what became of them. */
function digest(images: readonly Wire.Image[]): string {
  return JSON.stringify(images.slice(0, PULSE_SIZE).map(({ id, state, updatedAt }) => [id, state, updatedAt]));
}
