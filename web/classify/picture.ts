import type * as Wire from '../../functions/wire.ts';
import { type DrawingKnowledge, type DrawingModels, IF_DRAWN } from '../api/drawing-models.ts';
import type { Explanation } from '../api/explain.ts';
import { countOf, formatProbability } from '../format.ts';

/** How a picture is classified. */
export interface Options {
  /** Null means the default model of the service. */
  readonly model: string | null;
  /** Whether to ask for the activation map. */
  readonly explain: boolean;
}

/** One picture that the user added, and its current step. */
export interface Picture {
  readonly id: number;
  readonly file: File;
  /** A `blob:` URL, which is revoked when the picture is removed. */
  readonly previewUrl: string;
  /** Address of the drawing, if it is one of the page's own; else null. */
  readonly exampleUrl: string | null;
  /** The options with which it was sent last. */
  readonly options: Options;
  readonly step: Step;
}

export type Step =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'sending' }
  /**
   * Too large for a request, so it is uploaded to the bucket first. `part` is the part sent, 0 to
   * 1.
   */
  | { readonly kind: 'uploading'; readonly part: number }
  /** A heavy model is working on it. */
  | { readonly kind: 'working'; readonly model: string; readonly isRunning: boolean }
  | { readonly kind: 'done'; readonly findings: Findings; readonly secondLook: SecondLook | null }
  | { readonly kind: 'failed'; readonly explanation: Explanation };

/** What a model found in a picture. */
export interface Findings {
  readonly model: string;
  readonly predictions: readonly Wire.Prediction[];
  readonly concept: Wire.Concept | null;
  readonly image: Wire.Picture;
  readonly map: Wire.Explanation | null;
  /** Milliseconds for the whole request, or null for a job. */
  readonly totalMs: number | null;
  /** Key of the picture if it is in the bucket. */
  readonly storedAs: string | null;
  /** The whole answer of the API. */
  readonly answer: Wire.Classification | Wire.Job;
}

/** The answer of the heavy model, which is asked when the small model was not sure. */
export type SecondLook =
  | { readonly kind: 'working'; readonly model: string }
  | { readonly kind: 'done'; readonly findings: Findings }
  | { readonly kind: 'failed'; readonly model: string; readonly explanation: Explanation };

/** Returns the findings that count: those of the heavy model if there are any. */
export function finalFindings({ findings, secondLook }: Extract<Step, { kind: 'done' }>): Findings {
  return secondLook?.kind === 'done' ? secondLook.findings : findings;
}

/**
 * Returns what the model knows if its answer counts for drawings only and the picture may be a
 * photograph; else null.
 */
export function doubtAbout(
  { exampleUrl }: Pick<Picture, 'exampleUrl'>,
  { model }: Pick<Findings, 'model'>,
  drawers: DrawingModels,
): DrawingKnowledge | null {
  return exampleUrl === null ? (drawers.get(model) ?? null) : null;
}

export interface Progress {
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  /** Number of pictures that are neither done nor failed yet. */
  readonly open: number;
}

export function progressOf(pictures: readonly Picture[]): Progress {
  const done = pictures.filter(({ step }) => step.kind === 'done').length;
  const failed = pictures.filter(({ step }) => step.kind === 'failed').length;
  return { total: pictures.length, done, failed, open: pictures.length - done - failed };
}

/** Makes the line above the results. */
export function progressLine({ total, done, failed, open }: Progress): string {
  if (open > 0) return `${done + failed} of ${countOf(total, 'picture')} done`;
  if (failed === 0) return countOf(total, 'picture');
  return `${countOf(total, 'picture')}, ${failed} failed`;
}

/**
 * Makes the text for screen readers. It stays the same while pictures are in progress, so that a
 * hundred pictures do not cause a hundred interruptions.
 */
export function announcement(pictures: readonly Picture[], drawers: DrawingModels): string {
  const progress = progressOf(pictures);
  if (progress.total === 0) return '';
  if (progress.open > 0) return `Classifying ${countOf(progress.total, 'picture')}.`;
  const [only] = pictures;
  if (pictures.length === 1 && only !== undefined) return outcome(only, drawers);
  return `${countOf(progress.done, 'picture')} classified${progress.failed === 0 ? '' : `, ${progress.failed} failed`}.`;
}

function outcome(picture: Picture, drawers: DrawingModels): string {
  const { file, step } = picture;
  if (step.kind === 'failed') return `${file.name}: ${step.explanation.title}. ${step.explanation.advice}`;
  if (step.kind !== 'done') return '';
  const findings = finalFindings(step);
  const [best] = findings.predictions;
  if (best === undefined) return '';
  const condition = doubtAbout(picture, findings, drawers) === null ? '' : `${IF_DRAWN} `;
  return `${file.name}: ${condition}${best.label}, ${formatProbability(best.probability)}.`;
}
