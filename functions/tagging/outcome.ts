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
  /** The small model has answered; the heavy one has nothing to say. */
  | 'answered-before'
  /** The object was deleted. */
  | 'gone'
  /** Other content has taken the object's place, or a later event the record's. */
  | 'superseded'
  | 'folder-marker'
  /** S3 tried out a new notification. */
  | 'test-event'
  /** The event is about nothing that concerns us. */
  | 'ignored';

/** What became of an event. */
export type Outcome =
  | { readonly kind: 'recorded'; readonly record: ImageRecord; readonly milliseconds: StepTimes }
  | { readonly kind: 'skipped'; readonly why: SkipReason }
  /** This heavy model is to answer. */
  | { readonly kind: 'forwarded'; readonly model: string }
  | { readonly kind: 'deleted' };
