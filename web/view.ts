import { useEffect, useState } from 'preact/hooks';

/**
 * The view that the page shows. It is part of the address, after the #, so that it can be linked
 * and Back works.
 */
export type View = { readonly name: 'classify' } | ({ readonly name: 'gallery' } & GalleryPlace);

export interface GalleryFilter {
  /** Empty means every picture. */
  readonly label: string;
  /** 0 to 1 */
  readonly minProbability: number;
}

export interface GalleryPlace extends GalleryFilter {
  /** The picture that is open, or null. */
  readonly imageId: string | null;
}

/** Titles of the views, in the browser's tab. */
export const TITLES: Readonly<Record<View['name'], string>> = {
  classify: 'AutoSwiftNet',
  gallery: 'Gallery, AutoSwiftNet',
};

export const CLASSIFY_HASH = '#classify';

/** The filter that lets every picture through. */
export const EVERY_PICTURE: GalleryFilter = { label: '', minProbability: 0 };

/** What the browser remembers of an address that `stepInto` opened. */
const STEP = 'from the gallery';

const GALLERY = /^gallery(?:\/([A-Za-z0-9_-]+))?$/;

/** Makes an address such as `#gallery?label=daisy&min=0.5`, or `#gallery/ID` of an open picture. */
export function galleryHash({ label, minProbability }: GalleryFilter, imageId: string | null = null): string {
  const search = new URLSearchParams();
  if (label !== '') search.set('label', label);
  if (label !== '' && minProbability > 0) search.set('min', String(minProbability));
  const text = search.toString();
  return `#gallery${imageId === null ? '' : `/${imageId}`}${text === '' ? '' : `?${text}`}`;
}

/** Reads the view from the address. An unknown address means the first view. */
export function parseHash(hash: string): View {
  const [path = '', text = ''] = hash.slice(1).split('?', 2);
  const gallery = GALLERY.exec(path);
  if (gallery === null) return { name: 'classify' };
  const search = new URLSearchParams(text);
  const min = Number(search.get('min') ?? 0);
  return {
    name: 'gallery',
    label: search.get('label') ?? '',
    minProbability: Number.isFinite(min) ? Math.min(1, Math.max(0, min)) : 0,
    imageId: gallery[1] ?? null,
  };
}

export function useView(): View {
  const [view, setView] = useState(() => parseHash(location.hash));
  useEffect(() => {
    const look = () => setView(parseHash(location.hash));
    addEventListener('hashchange', look);
    return () => removeEventListener('hashchange', look);
  }, []);
  return view;
}

/** Goes to an address without a step of its own in the browser's history. */
export function replaceHash(hash: string): void {
  const { state } = history;
  location.replace(hash);
  history.replaceState(state, '');
}

/** Goes to an address from which {@link stepOut} leads back. */
export function stepInto(hash: string): void {
  location.hash = hash;
  history.replaceState(STEP, '');
}

/**
 * Goes back if {@link stepInto} led here, so that Back and this are the same. Whoever came by a
 * link has another page behind, and gets `hash` instead.
 */
export function stepOut(hash: string): void {
  if (history.state === STEP) history.back();
  else replaceHash(hash);
}
