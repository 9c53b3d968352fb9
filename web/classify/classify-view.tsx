import { useMemo, useRef } from 'preact/hooks';
import type * as Wire from '../../functions/wire.ts';
import { type DrawingModels, drawingModels } from '../api/drawing-models.ts';
import { ModelNote } from '../parts/model-note.tsx';
import { useStore } from '../store.ts';
import type { Desk } from './desk.ts';
import { DropZone } from './drop-zone.tsx';
import { ExampleList } from './example-list.tsx';
import type { DropState } from './incoming.ts';
import type { IncomingFiles } from './incoming-files.ts';
import { type Intake, intakeLines } from './intake-lines.ts';
import { AUTO, OptionsBar } from './options-bar.tsx';
import { announcement, type Picture, progressLine, progressOf } from './picture.ts';
import { ResultCard } from './result-card.tsx';

interface ClassifyViewProps {
  readonly desk: Desk;
  /** Null until the service has answered. */
  readonly models: Wire.ModelList | null;
  readonly dropState: DropState;
  /** What of the last drop was not added. */
  readonly intake: Intake;
  readonly onFiles: (incoming: IncomingFiles) => void;
}

export function ClassifyView({ desk, models, dropState, intake, onFiles }: ClassifyViewProps) {
  const pictures = useStore(desk.pictures);
  const drawers = useMemo(() => drawingModels(models?.models ?? null), [models]);
  const isEmpty = pictures.length === 0;
  return (
    <div class={dropState === 'dragging' ? 'is-dragging' : ''}>
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
        <DropZone isSmall={!isEmpty} dropState={dropState} onFiles={onFiles} />
        {models !== null && <OptionsBar options={desk.options} models={models} />}
        {models !== null && <Knowledge desk={desk} models={models} drawers={drawers} isSmall={!isEmpty} />}
      </section>
      <div class="intake" role="alert">
        {intakeLines(intake).map((line) => (
          <p key={line}>{line}</p>
        ))}
      </div>
      <p class="unseen" role="status">
        {announcement(pictures, drawers)}
      </p>
      {!isEmpty && <Results desk={desk} pictures={pictures} drawers={drawers} />}
    </div>
  );
}

interface KnowledgeProps {
  readonly desk: Desk;
  readonly models: Wire.ModelList;
  readonly drawers: DrawingModels;
  readonly isSmall: boolean;
}

/** Says what the chosen model knows, and offers examples, if it knows drawings only. */
function Knowledge({ desk, models, drawers, isSmall }: KnowledgeProps) {
  const { model } = useStore(desk.options);
  // With `auto` the small model answers first.
  const knows = drawers.get(model ?? models.default) ?? (model === AUTO ? drawers.get(models.default) : undefined);
  if (knows === undefined) return null;
  return (
    <ModelNote knows={knows} isSmall={isSmall}>
      <ExampleList onExample={desk.addExample} />
    </ModelNote>
  );
}

interface ResultsProps {
  readonly desk: Desk;
  readonly pictures: readonly Picture[];
  readonly drawers: DrawingModels;
}

function Results({ desk, pictures, drawers }: ResultsProps) {
  const list = useRef<HTMLOListElement>(null);
  const progress = progressOf(pictures);
  const failed = pictures.filter(({ step }) => step.kind === 'failed' && step.explanation.canRetry);
  const retryAll = (some: readonly Picture[]) => {
    focusDropZone();
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
              focusDropZone();
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
            drawers={drawers}
            curl={() => desk.curl(picture)}
            hasLogin={desk.hasLogin()}
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
  const next = buttons[index + 1] ?? buttons[index - 1];
  if (next === undefined) focusDropZone();
  else next.focus();
}

function focusDropZone(): void {
  document.getElementById('choose')?.focus();
}
