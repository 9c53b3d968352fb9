import { useEffect, useRef } from 'preact/hooks';
import type * as Wire from '../../functions/wire.ts';
import { explainOutcome } from '../api/explain.ts';
import { formatBytes } from '../format.ts';
import { Bars } from '../parts/bars.tsx';
import { ConceptLine } from '../parts/concept-line.tsx';
import { Notice } from '../parts/notice.tsx';
import { headline } from './album.ts';
import { BucketPicture, STATE_WORDS } from './tile.tsx';

interface DetailProps {
  readonly image: Wire.Image;
  readonly onClose: () => void;
  readonly onExpired: () => void;
}

/**
 * Shows one picture and its whole record in a modal dialog. Escape closes it, and the focus returns
 * to where it was.
 */
export function Detail({ image, onClose, onExpired }: DetailProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const title = headline(image)?.label ?? STATE_WORDS[image.state];
  return (
    <dialog ref={dialog} class="detail" aria-labelledby="detail-title" closedBy="any" onClose={onClose}>
      <div class="detail-inner">
        <div class="picture-view">
          <BucketPicture image={image} onExpired={onExpired} />
        </div>
        <div class="result-body">
          <div class="result-name">
            <span title={image.key}>{image.key}</span>
            <button type="button" class="button button-quiet" onClick={() => dialog.current?.close()}>
              Close
            </button>
          </div>
          <h2 class="verdict" id="detail-title">
            {title}
          </h2>
          {(image.state === 'rejected' || image.state === 'failed') && (
            <Notice explanation={explainOutcome(image.state, image.reason)} />
          )}
          <ConceptLine concept={image.concept} best={image.predictions[0]} />
          <Bars predictions={image.predictions} />
          <Facts image={image} />
        </div>
      </div>
    </dialog>
  );
}

function Facts({ image: { model, width, height, format, size, updatedAt } }: { readonly image: Wire.Image }) {
  const facts: readonly (readonly [string, string | null])[] = [
    ['Model', model],
    ['Size', width === null || height === null ? null : `${width} × ${height} pixels`],
    ['File', [format?.toUpperCase(), size === null ? null : formatBytes(size)].filter(Boolean).join(', ') || null],
    ['Updated', updatedAt === null ? null : new Date(updatedAt).toLocaleString()],
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
