import { useEffect, useRef, useState } from 'preact/hooks';
import type * as Wire from '../../functions/wire.ts';
import { FileGlyph } from '../parts/glyphs.tsx';
import type { Gallery } from './gallery.ts';
import { tryAgain } from './try-again.ts';

interface ThumbnailProps {
  readonly image: Wire.Image;
  readonly gallery: Gallery;
}

/** Loaded once the picture is about to come into view. More would load a row that few look at. */
const NEAR = '50px';

/** Shows a small picture of an image, or a sign that there is none. */
export function Thumbnail({ image, gallery }: ThumbnailProps) {
  const place = useRef<HTMLSpanElement>(null);
  const isNear = useIsNear(place);
  const url = useThumbnail(gallery, isNear ? image : null);
  return (
    <span class="thumbnail" ref={place}>
      {url === 'none' ? (
        <span class="no-preview">
          <FileGlyph />
          No preview
        </span>
      ) : (
        url !== null && <img src={url} alt="" decoding="async" />
      )}
    </span>
  );
}

/**
 * Loads the thumbnail of an image, again when the image changes, and again if it may yet work.
 * @returns null while it is loading, and `none` if there is none
 */
export function useThumbnail(gallery: Gallery, image: Wire.Image | null): string | 'none' | null {
  const [url, setUrl] = useState<string | null>(null);
  const { id = null, state = null, updatedAt = null } = image ?? {};
  useEffect(() => {
    if (id === null) return;
    if (state === 'rejected') return setUrl('none');
    const ending = new AbortController();
    const { signal } = ending;
    const onFail = () => setUrl('none');
    tryAgain(() => gallery.thumbnail(id, signal), { signal, isLate: gallery.isLate, onFail }).then(
      (loaded) => {
        if (!signal.aborted) setUrl(loaded);
      },
      () => {},
    );
    return () => ending.abort();
  }, [gallery, id, state, updatedAt]);
  return url;
}

/** Returns true once the element has come near the part of the page that is in view. */
function useIsNear(place: { readonly current: Element | null }): boolean {
  const [isNear, setIsNear] = useState(false);
  useEffect(() => {
    if (isNear || place.current === null) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) setIsNear(true);
      },
      { rootMargin: NEAR },
    );
    observer.observe(place.current);
    return () => observer.disconnect();
  }, [isNear, place]);
  return isNear;
}
