import { useEffect, useMemo, useRef } from 'preact/hooks';
import { countOf, formatProbability } from '../format.ts';
import { Notice } from '../parts/notice.tsx';
import { useStore } from '../store.ts';
import { EVERY_PICTURE, type GalleryFilter, type GalleryPlace, galleryHash } from '../view.ts';
import { type Album, type AlbumState, openAlbum } from './album.ts';
import { isChosen, withChosen } from './chips.ts';
import { NoPictures, NothingFound } from './empty.tsx';
import { FilterForm } from './filter-form.tsx';
import { follow } from './follow.ts';
import type { Gallery } from './gallery.ts';
import { OpenedImage } from './opened-image.tsx';
import { createReading, type Reading } from './reading.ts';
import { Tiles } from './tiles.tsx';
import { watch } from './watch.ts';

const LATE = 'New pictures do not appear at the moment, because the service does not answer. This page keeps trying.';

interface GalleryViewProps {
  readonly gallery: Gallery;
  readonly place: GalleryPlace;
}

export function GalleryView({ gallery, place: { label, minProbability, imageId } }: GalleryViewProps) {
  const filter = useMemo(() => ({ label, minProbability }), [label, minProbability]);
  const reading = useMemo(createReading, []);
  const album = useAlbum(gallery, filter, reading);
  const isLate = useStore(gallery.isLate);
  const state = useStore(album.state);
  const chips = useStore(gallery.chips);
  const lastOpened = useLast(imageId);
  const found = isKnown(state) ? state.images.length : null;
  // The failure of a search says as much.
  const showsLate = isLate && state.failure === null;
  const heading = useRef<HTMLHeadingElement>(null);
  const loadAgain = () => {
    // The button that was pressed goes, and would take the focus with it.
    heading.current?.focus();
    void album.more();
  };
  useEffect(() => reading.setOpen(imageId !== null), [reading, imageId]);
  return (
    <>
      <header class="gallery-head">
        <h1 tabIndex={-1} ref={heading}>
          Gallery
        </h1>
        <p class="soft">
          {label === ''
            ? 'The newest pictures in the bucket. New ones appear by themselves.'
            : 'The surest pictures first.'}
        </p>
      </header>
      <FilterForm api={gallery.api} filter={filter} found={found} />
      <Chips chips={chips} filter={filter} />
      <p class="unseen" role="status">
        {summary(state, filter)} {showsLate && LATE}
      </p>
      {showsLate && (
        <p class="soft late" aria-hidden="true">
          {LATE}
        </p>
      )}
      {state.failure !== null && state.images.length === 0 && (
        <Notice explanation={state.failure} onRetry={loadAgain} />
      )}
      <Doubts gallery={gallery} state={state} />
      {found !== 0 && (
        <Tiles gallery={gallery} album={album} filter={filter} reading={reading} lastOpened={lastOpened} />
      )}
      {found === 0 && label === '' && <NoPictures />}
      {found === 0 && label !== '' && <NothingFound api={gallery.api} filter={filter} />}
      {imageId !== null && (
        <OpenedImage key="opened" gallery={gallery} album={album} filter={filter} imageId={imageId} />
      )}
    </>
  );
}

interface DoubtsProps {
  readonly gallery: Gallery;
  readonly state: AlbumState;
}

/** Warns of labels by models that know drawings only: once a model. */
function Doubts({ gallery, state: { images } }: DoubtsProps) {
  const models = new Set(images.map(({ model }) => model));
  return [...gallery.drawers()]
    .filter(([model]) => models.has(model))
    .map(([model, { things }]) => (
      <p class="doubt" key={model}>
        The model “{model}” knows {things} drawn things only. Its labels of photographs mean nothing.
      </p>
    ));
}

/** Opens the album of a filter, and keeps it up to date as long as it is on the page. */
function useAlbum(gallery: Gallery, filter: GalleryFilter, reading: Reading): Album {
  const { api } = gallery;
  const album = useMemo(() => openAlbum({ api, filter, isReading: reading.isReading }), [api, filter, reading]);
  useEffect(() => {
    const ending = new AbortController();
    const { signal } = ending;
    const isWhole = filter.label === '';
    const look = follow({ api, album, isWhole, onSeen: gallery.offer });
    const report = (isFailing: boolean) => {
      if (!signal.aborted) gallery.isLate.update(() => isFailing);
    };
    const lookAndReport = () =>
      look(signal).then(
        () => report(false),
        (error: unknown) => {
          report(true);
          throw error;
        },
      );
    const offer = () => {
      if (isWhole) gallery.offer(album.state.get().images);
    };
    const end = album.state.subscribe(offer);
    // A search has no labels to offer, so the newest pictures are asked for theirs at once.
    if (!isWhole) void lookAndReport().catch(() => {});
    void watch(lookAndReport, signal);
    return () => {
      ending.abort();
      end();
      album.close();
    };
  }, [gallery, api, album, filter]);
  return album;
}

/** Returns the last value that was not null. */
function useLast(value: string | null): string | null {
  const last = useRef(value);
  if (value !== null) last.current = value;
  return value === null ? last.current : null;
}

/** Whether it is known what the first page of the album has. */
function isKnown({ images, isLoading, failure, cursor }: AlbumState): boolean {
  return images.length > 0 || (!isLoading && failure === null && cursor === null);
}

function summary({ images, waiting, isLoading, cursor }: AlbumState, { label, minProbability }: GalleryFilter): string {
  if (isLoading) return 'Loading pictures.';
  const what = label === '' ? '' : ` with the label ${label}`;
  const least = label === '' || minProbability === 0 ? '' : `, at least ${formatProbability(minProbability)}`;
  const news = waiting === 0 ? '' : ` Not shown yet: ${countOf(waiting, 'new picture')}.`;
  return `${countOf(images.length, 'picture')}${what}${least}${cursor === null ? '' : ', and more'}.${news}`;
}

interface ChipsProps {
  readonly chips: readonly string[];
  readonly filter: GalleryFilter;
}

/** Links to labels. The chosen one leads back to every picture. */
function Chips({ chips, filter }: ChipsProps) {
  const labels = withChosen(chips, filter.label);
  const list = useRef<HTMLUListElement>(null);
  // On a telephone the list is one line to push aside.
  useEffect(() => {
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [filter.label, labels.length]);
  if (labels.length === 0) return null;
  return (
    <ul class="chips" aria-label="Labels to choose" ref={list}>
      {labels.map((label) => {
        const isOn = isChosen(label, filter.label);
        return (
          <li key={label}>
            <a
              class="chip"
              href={galleryHash(isOn ? EVERY_PICTURE : { ...filter, label })}
              {...(isOn ? { 'aria-current': 'true' as const, title: 'Show every picture' } : {})}
            >
              {label}
              {isOn && <span aria-hidden="true">×</span>}
            </a>
          </li>
        );
      })}
    </ul>
  );
}
