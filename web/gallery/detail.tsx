import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type * as Wire from '../../functions/wire.ts';
import { IF_DRAWN } from '../api/drawing-models.ts';
import { type Explanation, explainOutcome } from '../api/explain.ts';
import { fileName, formatBytes, formatProbability } from '../format.ts';
import { Bars } from '../parts/bars.tsx';
import { ConceptLine } from '../parts/concept-line.tsx';
import { Doubt } from '../parts/doubt.tsx';
import { Notice } from '../parts/notice.tsx';
import { plainText } from '../plain-text.ts';
import { TITLES } from '../view.ts';
import { headline } from './album.ts';
import { DetailPicture } from './detail-picture.tsx';
import type { Gallery } from './gallery.ts';
import { RecordCopies } from './record-copies.tsx';
import { STATE_WORDS } from './tile.tsx';

interface DetailProps {
  readonly gallery: Gallery;
  /** Null while it is loading, and if that failed. */
  readonly image: Wire.Image | null;
  readonly failure: Explanation | null;
  readonly neighbours: Neighbours;
  readonly onClose: () => void;
}

/** The pictures beside the open one. */
export interface Neighbours {
  /** Null if the picture is not in the list. */
  readonly place: { readonly number: number; readonly count: number; readonly hasMore: boolean } | null;
  /** Null if there is none. */
  readonly previous: (() => void) | null;
  readonly next: (() => void) | null;
}

/**
 * Shows one picture and its whole record in a modal dialog. Escape closes it, and the arrow keys go
 * to the pictures beside it.
 */
export function Detail({ gallery, image, failure, neighbours, onClose }: DetailProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const title = image === null ? 'Loading …' : (headline(image)?.label ?? STATE_WORDS[image.state]);
  const heading = failure === null ? title : 'No picture';
  const doubt = gallery.drawers().get(image?.state === 'tagged' ? (image.model ?? '') : '') ?? null;
  useTitle(image === null ? null : `${title}: ${fileName(image.key)}`);
  const press = ({ key, altKey, ctrlKey, metaKey }: KeyboardEvent) => {
    if (altKey || ctrlKey || metaKey) return;
    if (key === 'ArrowLeft') neighbours.previous?.();
    if (key === 'ArrowRight') neighbours.next?.();
  };
  return (
    <dialog
      ref={dialog}
      class="detail"
      aria-labelledby="detail-title"
      closedBy="any"
      onClose={onClose}
      onKeyDown={press}
    >
      <div class="detail-bar">
        <Steps neighbours={neighbours} />
        <button type="button" class="button button-quiet" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
      <div class="detail-inner">
        {image !== null && <DetailPicture key={image.id} gallery={gallery} image={image} />}
        <div class="result-body">
          {image !== null && (
            <div class="result-name">
              <span title={image.key}>{image.key}</span>
            </div>
          )}
          <h2 class="verdict" id="detail-title" tabIndex={-1} autofocus>
            {doubt !== null && <span class="condition">{IF_DRAWN} </span>}
            <span class="verdict-label">{heading}</span>
          </h2>
          {doubt !== null && <Doubt model={image?.model ?? ''} knows={doubt} />}
          {failure !== null && <Notice explanation={failure} />}
          {image !== null && <Findings gallery={gallery} image={image} />}
        </div>
      </div>
      <p class="unseen" aria-live="polite">
        {image !== null && announcement(image, doubt === null ? title : `${IF_DRAWN} ${title}`, neighbours)}
      </p>
    </dialog>
  );
}

/** Names the picture in the browser's tab, as long as it is open. */
function useTitle(title: string | null): void {
  useEffect(() => {
    if (title === null) return;
    document.title = `${plainText(title)}, AutoSwiftNet`;
    return () => {
      document.title = TITLES.gallery;
    };
  }, [title]);
}

function announcement(image: Wire.Image, title: string, { place }: Neighbours): string {
  const found = headline(image);
  const words = found === null ? title : `${title}, ${formatProbability(found.probability)}`;
  return place === null ? words : `Picture ${place.number} of ${place.count}: ${words}`;
}

function Steps({ neighbours: { place, previous, next } }: { readonly neighbours: Neighbours }) {
  return (
    <div class="detail-steps">
      <Step go={previous}>
        <span aria-hidden="true">←</span> Previous
      </Step>
      <Step go={next}>
        Next <span aria-hidden="true">→</span>
      </Step>
      {place !== null && (
        <span class="soft">
          {place.number} of {place.count}
          {place.hasMore && '+'}
        </span>
      )}
    </div>
  );
}

interface StepProps {
  readonly children: ComponentChildren;
  readonly go: (() => void) | null;
}

/** A button that keeps the focus where there is nowhere to go. */
function Step({ children, go }: StepProps) {
  return (
    <button type="button" class="button button-quiet" aria-disabled={go === null} onClick={() => go?.()}>
      {children}
    </button>
  );
}

interface FindingsProps {
  readonly gallery: Gallery;
  readonly image: Wire.Image;
}

function Findings({ gallery, image }: FindingsProps) {
  return (
    <>
      {(image.state === 'rejected' || image.state === 'failed') && (
        <Notice explanation={explainOutcome(image.state, image.reason)} />
      )}
      <ConceptLine concept={image.concept} best={image.predictions[0]} />
      <Bars predictions={image.predictions} />
      <Facts image={image} />
      <RecordCopies gallery={gallery} image={image} />
    </>
  );
}

function Facts({
  image: { model, width, height, format, size, lastModified, updatedAt },
}: {
  readonly image: Wire.Image;
}) {
  const facts: readonly (readonly [string, string | null])[] = [
    ['Model', model],
    ['Size', width === null || height === null ? null : `${width} × ${height} pixels`],
    ['File', [format?.toUpperCase(), size === null ? null : formatBytes(size)].filter(Boolean).join(', ') || null],
    ['Uploaded', lastModified === null ? null : new Date(lastModified).toLocaleString()],
    ['Classified', updatedAt === null ? null : new Date(updatedAt).toLocaleString()],
  ];
  return (
    <dl class="detail-facts">
      {facts.map(
        ([name, value]) =>
          value !== null && (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
