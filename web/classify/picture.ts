import type { ActivationMap, PictureFacts, Prediction } from '../api/answers.ts';
import type { Explanation } from '../api/explain.ts';
import { countOf, formatProbability } from '../format.ts';

/** One picture that somebody dropped, and how far it is. */
export interface Picture {
  readonly id: number;
  readonly file: File;
  /** `blob:` URL; revoked when the picture is removed. */
  readonly previewUrl: string;
  readonly step: Step;
}

export type Step =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'sending' }
  /** Too large for a request: it goes into the bucket first. `part` is what is sent, 0 to 1. */
  | { readonly kind: 'uploading'; readonly part: number }
  /** A heavy model has it. */
  | { readonly kind: 'working'; readonly model: string; readonly isRunning: boolean }
  | { readonly kind: 'done'; readonly findings: Findings; readonly secondLook: SecondLook | null }
  | { readonly kind: 'failed'; readonly explanation: Explanation };

/** What a model found. */
export interface Findings {
  readonly model: string;
  readonly predictions: readonly Prediction[];
  readonly image: PictureFacts;
  readonly map: ActivationMap | null;
  /** Milliseconds of the whole; null where a job did it. */
  readonly totalMs: number | null;
  /** Its key, when the picture lies in the bucket now. */
  readonly storedAs: string | null;
}

/** The small model was not sure, so the heavy one was asked as well. */
export type SecondLook =
  | { readonly kind: 'working'; readonly model: string }
  | { readonly kind: 'done'; readonly findings: Findings }
  | { readonly kind: 'failed'; readonly model: string; readonly explanation: Explanation };

/** What counts: the heavy model's word where there is one. */
export function finalFindings({ findings, secondLook }: Extract<Step, { kind: 'done' }>): Findings {
  return secondLook?.kind === 'done' ? secondLook.findings : findings;
}

export interface Progress {
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  /** Neither done nor failed yet. */
  readonly open: number;
}

export function progressOf(pictures: readonly Picture[]): Progress {
  const done = pictures.filter(({ step }) => step.kind === 'done').length;
  const failed = pictures.filter(({ step }) => step.kind === 'failed').length;
  return { total: pictures.length, done, failed, open: pictures.length - done - failed };
}

/** For the line above the results. */
export function progressLine({ total, done, failed, open }: Progress): string {
  if (open > 0) return `${done + failed} of ${countOf(total, 'picture')} done`;
  if (failed === 0) return countOf(total, 'picture');
  return `${countOf(total, 'picture')}, ${failed} failed`;
}

/**
 * What a screen reader is told. While pictures are open the text stays the same, so that a hundred of them are not a hundred interruptions.
 */
export function announcement(pictures: readonly Picture[]): string {
  const progress = progressOf(pictures);
  if (progress.total === 0) return '';
  if (progress.open > 0) return `Classifying ${countOf(progress.total, 'picture')}.`;
  const [only] = pictures;
  if (pictures.length === 1 && only !== undefined) return outcome(only);
  return `${countOf(progress.done, 'picture')} classified${progress.failed === 0 ? '' : `, ${progress.failed} failed`}.`;
}

function outcome({ file, step }: Picture): string {
  if (step.kind === 'failed') return `${file.name}: ${step.explanation.title}. ${step.explanation.detail}`;
  if (step.kind !== 'done') return '';
  const [best] = finalFindings(step).predictions;
  return best === undefined ? '' : `${file.name}: ${best.label}, ${formatProbability(best.probability)}.`;
}
