import type * as Wire from '../../functions/wire.ts';
import type { Api } from '../api/client.ts';
import type { DrawingModels } from '../api/drawing-models.ts';
import { createStore, type Store } from '../store.ts';
import { createTaskQueue } from '../task-queue.ts';
import { addChips } from './chips.ts';

export interface GalleryOptions {
  readonly api: Api;
  /** Returns the user's token, or null for none. */
  readonly token: () => Promise<string | null>;
  /** Whether there is a token now. */
  readonly hasLogin: () => boolean;
  /** Returns the models that know drawings only, as far as the models are known. */
  readonly drawers: () => DrawingModels;
}

/** What the gallery keeps while its filter changes. */
export interface Gallery extends GalleryOptions {
  /** Labels that are offered as filters. */
  readonly chips: Store<readonly string[]>;
  /** Whether open pictures show the activation map. */
  readonly showsMap: Store<boolean>;
  /** Whether new pictures are missing because the service does not answer. */
  readonly isLate: Store<boolean>;
  /** Offers the labels of images, too, if there is room. */
  offer(images: readonly Wire.Image[]): void;
  /** Loads a small picture of an image as a `data:` URL. Throws what {@link Api.thumbnail} throws. */
  thumbnail(id: string, signal: AbortSignal): Promise<string>;
}

/**
 * A browser has six connections to a local service, and looking for new pictures needs one. In
 * Lambda each request at a time is an instance.
 */
const THUMBNAILS_AT_A_TIME = 4;

export function createGallery({ api, token, hasLogin, drawers }: GalleryOptions): Gallery {
  const chips = createStore<readonly string[]>([]);
  const queue = createTaskQueue(THUMBNAILS_AT_A_TIME);
  return {
    api,
    token,
    hasLogin,
    drawers,
    chips,
    showsMap: createStore(true),
    isLate: createStore(false),
    offer: (images) => chips.update((old) => addChips(old, images)),
    thumbnail: (id, signal) =>
      new Promise((resolve, reject) => {
        queue.add(async () => {
          if (signal.aborted) return reject(signal.reason);
          await api.thumbnail(id, signal).then(toDataUrl).then(resolve, reject);
        });
      }),
  };
}

/**
 * A browser makes a `blob:` URL together with its main process, and the page stands still until that
 * answers. Thumbnails are small enough for a URL that contains them.
 */
function toDataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => resolve(String(reader.result)));
    reader.addEventListener('error', () => reject(reader.error));
    reader.readAsDataURL(blob);
  });
}
