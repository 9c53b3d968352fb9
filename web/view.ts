import { useEffect, useState } from 'preact/hooks';

/**
 * The view that the page shows. It is part of the address, after the #, so that it can be linked
 * and Back works.
 */
export type View = { readonly name: 'classify' } | ({ readonly name: 'gallery' } & GalleryFilter);

export interface GalleryFilter {
  /** Empty means every picture. */
  readonly label: string;
  /** 0 to 1 */
  readonly minProbability: number;
}

export const CLASSIFY_HASH = '#classify';

/** Makes an address such as `#gallery?label=daisy&min=0.5`. */
export function galleryHash({ label, minProbability }: GalleryFilter): string {
  const search = new URLSearchParams();
  if (label !== '') search.set('label', label);
  if (label !== '' && minProbability > 0) search.set('min', String(minProbability));
  const text = search.toString();
  return `#gallery${text === '' ? '' : `?${text}`}`;
}

/** Reads the view from the address. An unknown address means the first view. */
export function parseHash(hash: string): View {
  const [name = '', text = ''] = hash.slice(1).split('?', 2);
  if (name !== 'gallery') return { name: 'classify' };
  const search = new URLSearchParams(text);
  const min = Number(search.get('min') ?? 0);
  return {
    name,
    label: search.get('label') ?? '',
    minProbability: Number.isFinite(min) ? Math.min(1, Math.max(0, min)) : 0,
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
