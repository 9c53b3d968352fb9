import type { ImageRecord } from '../records/record.ts';

/** Milliseconds that each step of one image took. */
export interface StepTimes {
  readonly read: number;
  readonly decode: number;
  readonly run: number;
  readonly tag: number;
  readonly record: number;
}

/** Why an event changed nothing. */
export type SkipReason =
  /** The event's result, or a later event's, is stored. */
  | 'already-done'
  /** The small model has answered, and the heavy model cannot. */
  | 'answered-before'
  /** The object was deleted. */
  | 'gone'
  /** The object has other content now, or the table holds the record of a later event. */
  | 'superseded'
  | 'folder-marker'
  /** S3 tested a new notification. */
  | 'test-event'
  /** The event is neither an upload nor a deletion. */
  | 'ignored';

/** The result of an event. */
export type Outcome =
  | { readonly kind: 'recorded'; readonly record: ImageRecord; readonly milliseconds: StepTimes }
  | { readonly kind: 'skipped'; readonly why: SkipReason }
  /** The image was left to this heavy model. */
  | { readonly kind: 'forwarded'; readonly model: string }
  | { readonly kind: 'deleted' };
