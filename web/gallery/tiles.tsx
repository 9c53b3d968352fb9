import { useEffect, useRef } from 'preact/hooks';
import { countOf } from '../format.ts';
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
  const { images, cursor, waiting, isLoading } = useStore(album.state);
  const list = useRef<HTMLUListElement>(null);
  const focusTile = (place: number) => list.current?.querySelectorAll<HTMLElement>('.tile')[place]?.focus();
  useEffect(() => {
    reading.setList(list.current);
    return () => reading.setList(null);
  }, [reading]);
  useEffect(() => {
    if (lastOpened !== null) list.current?.querySelector<HTMLElement>(`[data-id="${lastOpened}"]`)?.focus();
  }, [lastOpened]);
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
      <ul class="tiles" ref={list} aria-busy={isLoading} onPointerMove={reading.pointerMoved}>
        {images.map((image) => (
          <Tile key={image.id} image={image} gallery={gallery} href={galleryHash(filter, image.id)} />
        ))}
        {isLoading && Array.from({ length: GHOSTS }, (_, index) => <li class="tile-ghost" key={`ghost-${index}`} />)}
      </ul>
      {cursor !== null && !isLoading && (
        <div class="more">
          <button type="button" class="button" onClick={() => void more()}>
            Show more
          </button>
        </div>
      )}
    </>
  );
}
