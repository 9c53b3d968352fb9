import { useCallback, useEffect, useMemo, useRef } from 'preact/hooks';
import { countOf } from '../format.ts';
import { Notice } from '../parts/notice.tsx';
import { useStore } from '../store.ts';
import { type GalleryFilter, galleryHash } from '../view.ts';
import type { Album } from './album.ts';
import type { Gallery } from './gallery.ts';
import type { Reading } from './reading.ts';
import { Tile } from './tile.tsx';

interface TilesProps {
  readonly gallery: Gallery;
  readonly album: Album;
  readonly filter: GalleryFilter;
  readonly reading: Reading;
  /** The picture that was closed last. It gets the focus. */
  readonly lastOpened: string | null;
}

const GHOSTS = 8;

/** The pictures of an album, with a button for more, and one for new ones that would move them. */
export function Tiles({ gallery, album, filter, reading, lastOpened }: TilesProps) {
  const { images, cursor, waiting, isLoading, failure } = useStore(album.state);
  const list = useRef<HTMLUListElement>(null);
  const focusTile = (place: number) => list.current?.querySelectorAll<HTMLElement>('.tile')[place]?.focus();
  const setList = useCallback(
    (element: HTMLUListElement | null) => {
      list.current = element;
      reading.setList(element);
    },
    [reading],
  );
  useEffect(() => {
    if (lastOpened !== null) list.current?.querySelector<HTMLElement>(`[data-id="${lastOpened}"]`)?.focus();
  }, [lastOpened]);
  // The same elements again cost nothing, whatever else changes.
  const tiles = useMemo(
    () =>
      images.map((image) => (
        <Tile key={image.id} image={image} gallery={gallery} href={galleryHash(filter, image.id)} />
      )),
    [images, gallery, filter],
  );
  const ghosts = isLoading && Array.from({ length: GHOSTS }, (_, at) => <li class="tile-ghost" key={`ghost-${at}`} />);
  const more = async () => {
    const before = images.length;
    await album.more();
    // The button may have disappeared with the last page, so the first new picture gets the focus.
    requestAnimationFrame(() => focusTile(before));
  };
  const showWaiting = () => {
    album.showWaiting();
    list.current?.scrollIntoView();
    requestAnimationFrame(() => focusTile(0));
  };
  return (
    <>
      {waiting > 0 && (
        <button type="button" class="button button-main news" onClick={showWaiting}>
          Show {countOf(waiting, 'new picture')}
        </button>
      )}
      {images.length === 0 ? (
        // A list of its own, because what is above moves the pictures down when they arrive.
        <ul class="tiles" key="ghosts" aria-busy={isLoading}>
          {ghosts}
        </ul>
      ) : (
        <ul class="tiles" key="tiles" ref={setList} aria-busy={isLoading} onPointerMove={reading.pointerMoved}>
          {tiles}
          {ghosts}
        </ul>
      )}
      {images.length > 0 && failure !== null && <Notice explanation={failure} onRetry={() => void more()} />}
      {cursor !== null && !isLoading && failure === null && (
        <div class="more">
          <button type="button" class="button" onClick={() => void more()}>
            Show more
          </button>
        </div>
      )}
    </>
  );
}
