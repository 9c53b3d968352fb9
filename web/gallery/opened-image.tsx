import { useEffect, useState } from 'preact/hooks';
import type * as Wire from '../../functions/wire.ts';
import { type Explanation, explain } from '../api/explain.ts';
import { poll } from '../api/poll.ts';
import { useStore } from '../store.ts';
import { type GalleryFilter, galleryHash, replaceHash, stepOut } from '../view.ts';
import type { Album } from './album.ts';
import { Detail, type Neighbours } from './detail.tsx';
import type { Gallery } from './gallery.ts';

interface OpenedImageProps {
  readonly gallery: Gallery;
  readonly album: Album;
  readonly filter: GalleryFilter;
  readonly imageId: string;
}

/**
 * The picture whose address is open, with its neighbours in the album. A linked picture may be on
 * no page of the album that is loaded, and then it has none.
 */
export function OpenedImage({ gallery, album, filter, imageId }: OpenedImageProps) {
  const { images, cursor } = useStore(album.state);
  const index = images.findIndex(({ id }) => id === imageId);
  const { image, failure } = useImage(gallery, imageId, images[index] ?? null);
  const go = (to: Wire.Image | undefined) => {
    if (to !== undefined) replaceHash(galleryHash(filter, to.id));
  };
  const neighbours: Neighbours = {
    place: index === -1 ? null : { number: index + 1, count: images.length, hasMore: cursor !== null },
    previous: index > 0 ? () => go(images[index - 1]) : null,
    next:
      index === -1 || (index === images.length - 1 && cursor === null)
        ? null
        : async () => {
            if (index === images.length - 1) await album.more();
            go(album.state.get().images[index + 1]);
          },
  };
  return (
    <Detail
      gallery={gallery}
      image={image}
      failure={failure}
      neighbours={neighbours}
      onClose={() => stepOut(galleryHash(filter))}
    />
  );
}

interface FoundImage {
  readonly image: Wire.Image | null;
  readonly failure: Explanation | null;
}

/** Loads an image that is not in the album, until its result is known. */
function useImage({ api }: Gallery, id: string, inAlbum: Wire.Image | null): FoundImage {
  const [found, setFound] = useState<FoundImage>({ image: null, failure: null });
  const isInAlbum = inAlbum !== null;
  useEffect(() => {
    setFound({ image: null, failure: null });
    if (isInAlbum) return;
    const ending = new AbortController();
    const { signal } = ending;
    const ask = async () => {
      const image = await api.image(id, signal);
      if (!signal.aborted) setFound({ image, failure: null });
      return image;
    };
    poll(ask, ({ state }) => state !== 'pending', signal).catch((error: unknown) => {
      if (!signal.aborted) setFound({ image: null, failure: explain(error) });
    });
    return () => ending.abort();
  }, [api, id, isInAlbum]);
  return inAlbum === null ? found : { image: inAlbum, failure: null };
}
