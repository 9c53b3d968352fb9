import { useRef } from 'preact/hooks';
import type * as Wire from '../../functions/wire.ts';
import { countOf } from '../format.ts';
import { useStore } from '../store.ts';
import { type Desk, MAX_PICTURES } from './desk.ts';
import { DropZone } from './drop-zone.tsx';
import { OptionsBar } from './options-bar.tsx';
import { announcement, type Picture, progressLine, progressOf } from './picture.ts';
import { ResultCard } from './result-card.tsx';

interface ClassifyViewProps {
  readonly desk: Desk;
  /** Null until the service has answered. */
  readonly models: Wire.ModelList | null;
  /** Whether files are being dragged over the page. */
  readonly isDragging: boolean;
  /** Number of pictures in the last drop that did not fit on the page. */
  readonly leftOut: number;
  readonly onFiles: (files: readonly File[]) => void;
}

export function ClassifyView({ desk, models, isDragging, leftOut, onFiles }: ClassifyViewProps) {
  const pictures = useStore(desk.pictures);
  const isEmpty = pictures.length === 0;
  return (
    <div class={isDragging ? 'is-dragging' : ''}>
      <section class={isEmpty ? 'hero' : 'hero hero-small'}>
        <div class="hero-words">
          <h1 tabIndex={-1}>What’s in the picture?</h1>
          {isEmpty && (
            <p class="soft">
              See what a neural network recognizes, how sure it is, and where it looked. Your pictures stay on your own
              machine or in your own account.
            </p>
          )}
        </div>
        <DropZone isSmall={!isEmpty} isDragging={isDragging} onFiles={onFiles} />
        {models !== null && <OptionsBar options={desk.options} models={models} />}
      </section>
      <p role="alert">
        {leftOut > 0 && `This page holds at most ${MAX_PICTURES} pictures. Not added: ${countOf(leftOut, 'picture')}.`}
      </p>
      <p class="unseen" role="status">
        {announcement(pictures)}
      </p>
      {!isEmpty && <Results desk={desk} pictures={pictures} />}
    </div>
  );
}

function Results({ desk, pictures }: { readonly desk: Desk; readonly pictures: readonly Picture[] }) {
  const list = useRef<HTMLOListElement>(null);
  const progress = progressOf(pictures);
  const failed = pictures.filter(({ step }) => step.kind === 'failed' && step.explanation.canRetry);
  const retryAll = (some: readonly Picture[]) => {
    for (const { id } of some) desk.retry(id);
  };
  const remove = (picture: Picture) => {
    focusAfterRemoval(list.current, pictures.indexOf(picture));
    desk.remove(picture.id);
  };
  return (
    <section aria-labelledby="results-title">
      <div class="queue">
        <h2 id="results-title">{progressLine(progress)}</h2>
        <div class="queue-buttons">
          {failed.length > 1 && (
            <button type="button" class="button button-quiet" onClick={() => retryAll(failed)}>
              Try {failed.length} again
            </button>
          )}
          <button
            type="button"
            class="button button-quiet"
            onClick={() => {
              document.getElementById('choose')?.focus();
              desk.clear();
            }}
          >
            Clear all
          </button>
        </div>
        {progress.open > 0 && (
          <progress aria-label="Pictures done" max={progress.total} value={progress.total - progress.open} />
        )}
      </div>
      <ol class="results" ref={list}>
        {pictures.map((picture) => (
          <ResultCard
            key={picture.id}
            picture={picture}
            curl={() => desk.curl(picture)}
            onRetry={() => desk.retry(picture.id)}
            onRemove={() => remove(picture)}
          />
        ))}
      </ol>
    </section>
  );
}

/**
 * Moves the focus after a picture and its button were removed: to the next picture, or else the one
 * before, or else the drop zone.
 */
function focusAfterRemoval(list: HTMLElement | null, index: number): void {
  const buttons = [...(list?.querySelectorAll<HTMLElement>('[data-remove]') ?? [])];
  (buttons[index + 1] ?? buttons[index - 1] ?? document.getElementById('choose'))?.focus();
}
