import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Api } from '../api/client.ts';
import { countOf, formatProbability } from '../format.ts';
import { PictureGlyph } from '../parts/glyphs.tsx';
import { Notice } from '../parts/notice.tsx';
import { useStore } from '../store.ts';
import { CLASSIFY_HASH, type GalleryFilter, galleryHash } from '../view.ts';
import { type Album, type AlbumState, commonLabels, openAlbum } from './album.ts';
import { Detail } from './detail.tsx';
import { FilterForm } from './filter-form.tsx';
import { Tile } from './tile.tsx';

interface GalleryViewProps {
  readonly api: Api;
  readonly filter: GalleryFilter;
}

const LABELS_OFFERED = 50;
const CHIPS = 10;
const GHOSTS = 8;

export function GalleryView({ api, filter: { label, minProbability } }: GalleryViewProps) {
  const filter = useMemo(() => ({ label, minProbability }), [label, minProbability]);
  const album = useMemo(() => openAlbum(api, filter), [api, filter]);
  useEffect(() => album.close, [album]);
  const state = useStore(album.state);
  const labels = commonLabels(state.images, LABELS_OFFERED);
  return (
    <>
      <header class="gallery-head">
        <h1 tabIndex={-1}>Gallery</h1>
        <p class="soft">All pictures in the bucket, with their labels.</p>
      </header>
      <FilterForm filter={filter} labels={labels} />
      {label === '' && labels.length > 1 && <Chips labels={labels.slice(0, CHIPS)} />}
      <p class="unseen" role="status">
        {summary(state, filter)}
      </p>
      {state.failure !== null && <Notice explanation={state.failure} onRetry={() => void album.more()} />}
      {isEmpty(state) ? <Nothing filter={filter} /> : <Tiles album={album} state={state} />}
    </>
  );
}

function isEmpty({ images, isLoading, failure, cursor }: AlbumState): boolean {
  return images.length === 0 && !isLoading && failure === null && cursor === null;
}

function summary({ images, isLoading, cursor }: AlbumState, { label, minProbability }: GalleryFilter): string {
  if (isLoading) return 'Loading pictures.';
  const what = label === '' ? '' : ` with the label ${label}`;
  const least = label === '' || minProbability === 0 ? '' : `, at least ${formatProbability(minProbability)}`;
  return `${countOf(images.length, 'picture')}${what}${least}${cursor === null ? '' : ', and more'}.`;
}

/** Links to the most frequent labels. */
function Chips({ labels }: { readonly labels: readonly string[] }) {
  return (
    <ul class="chips" aria-label="Frequent labels">
      {labels.map((label) => (
        <li key={label}>
          <a class="chip" href={galleryHash({ label, minProbability: 0 })}>
            {label}
          </a>
        </li>
      ))}
    </ul>
  );
}

function Tiles({ album, state: { images, cursor, isLoading } }: { readonly album: Album; readonly state: AlbumState }) {
  const [openId, setOpenId] = useState<string | null>(null);
  const list = useRef<HTMLUListElement>(null);
  const opened = images.find(({ id }) => id === openId);
  const more = async () => {
    const before = images.length;
    await album.more();
    // The button may have disappeared with the last page, so the first new picture gets the focus.
    requestAnimationFrame(() => list.current?.querySelectorAll<HTMLElement>('.tile')[before]?.focus());
  };
  return (
    <>
      <ul class="tiles" ref={list} aria-busy={isLoading}>
        {images.map((image) => (
          <Tile
            key={image.id}
            image={image}
            onOpen={() => setOpenId(image.id)}
            onExpired={() => void album.refresh(image.id)}
          />
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
      {opened !== undefined && (
        <Detail image={opened} onClose={() => setOpenId(null)} onExpired={() => void album.refresh(opened.id)} />
      )}
    </>
  );
}

function Nothing({ filter: { label, minProbability } }: { readonly filter: GalleryFilter }) {
  if (label === '') {
    return (
      <div class="empty">
        <PictureGlyph />
        <h2>The bucket is empty</h2>
        <p class="soft">
          Upload pictures to the bucket, for example with the AWS CLI or any S3 client. They appear here with their
          labels.
        </p>
        <a class="button" href={CLASSIFY_HASH}>
          Classify a picture
        </a>
      </div>
    );
  }
  return (
    <div class="empty">
      <PictureGlyph />
      <h2>No picture shows “{label}”</h2>
      <p class="soft">
        The search finds exact labels only
        {minProbability === 0 ? '' : `, with at least ${formatProbability(minProbability)}`}. It does not find labels
        below the index threshold (10% by default).
      </p>
      <a class="button" href={galleryHash({ label: '', minProbability: 0 })}>
        Show all
      </a>
    </div>
  );
}
