import type { ImageFacts } from '../../classifier/types.ts';
import type { WriteCondition } from '../records/condition.ts';
import { comparePositions, LOWEST_POSITION, type Position, toPosition } from '../records/position.ts';
import {
  type ConceptFindings,
  type Entry,
  hasFailed,
  type ImageRecord,
  isSameVersion,
  isTombstone,
  type Tombstone,
  toStoredConcepts,
  toStoredPredictions,
  toTombstone,
} from '../records/record.ts';
import { listRows } from '../records/row-list.ts';
import { type HeavyRequest, requestOfImage } from '../routing/heavy-message.ts';
import type { Reason } from '../wire.ts';
import type { Answerer } from './answerer.ts';
import type { CreatedEvent, RemovedEvent } from './image-event.ts';
import type { Classified, Finding, ObjectFacts } from './inspect.ts';
import type { Outcome, SkipReason } from './outcome.ts';

/** An upload event, and what is known when the decision is made. */
export interface Upload {
  readonly event: CreatedEvent;
  /** What the table holds about the image. */
  readonly stored: Entry | null;
  readonly answerer: Pick<Answerer, 'stage' | 'modelName'>;
  /**
   * What counts as an answer of this model, for an event without a sequencer. Null: the answer of
   * any model counts.
   */
  readonly ownAnswers: OwnAnswers | null;
  /** What is less probable gets no row of the index, 0 to 1. */
  readonly indexThreshold: number;
}

/**
 * The answers that a model does not give again. An answer of a heavy model stays where the small
 * one would answer: it has the later stage.
 */
export interface OwnAnswers {
  /** SHA-256 of the model's `weights.bin`. */
  readonly modelSha256: string;
  /** Names of the heavy models whose answers stay. */
  readonly heavyModels: readonly string[];
}

/** What to do about an event. */
export type Decision = WriteRecord | WriteTombstone | Settle | Skip | Forward;

/** Write the record, then update rows and tags to match it. */
export interface WriteRecord {
  readonly kind: 'write';
  readonly entry: ImageRecord;
  readonly condition: WriteCondition;
  /** The outcome of the event once the record is written; null: it was recorded. */
  readonly outcome: Outcome | null;
}

/** Write the tombstone, which hides the image, then remove its rows. */
export interface WriteTombstone {
  readonly kind: 'tombstone';
  readonly entry: Tombstone;
  readonly condition: WriteCondition;
  /** The outcome of the event once the tombstone is written. */
  readonly outcome: Outcome;
}

/**
 * Update rows and tags to match the stored entry, because an earlier delivery may have stopped
 * before that. If the entry is at `position`, it is this event's own result, and it is published.
 */
export interface Settle {
  readonly kind: 'settle';
  readonly position: Position | null;
  readonly why: SkipReason;
}

/** Do nothing. */
export interface Skip {
  readonly kind: 'skip';
  readonly why: SkipReason;
}

/** Leave the image to a heavy model. */
export interface Forward {
  readonly kind: 'forward';
  readonly request: HeavyRequest;
}

/**
 * Read the object and classify it, unless it has this ETag: the result for that content is stored.
 */
export interface ReadObject {
  readonly kind: 'read';
  readonly finishedETag: string | null;
}

/**
 * Read the record. If the event does not tell when the object was removed, also check whether the
 * object exists.
 */
export interface ReadImage {
  readonly kind: 'read';
  readonly looksForObject: boolean;
}

/** Decides on an upload from the event and the stored entry alone. */
export function decideBeforeReading(upload: Upload): Settle | ReadObject {
  if (isDone(upload)) return { kind: 'settle', position: positionOf(upload), why: 'already-done' };
  // An event from S3 has a sequencer. It stands for an upload of its own, even if the content is
  // the same as before.
  const finishedETag = upload.event.sequencer === null ? eTagOfFinishedContent(upload) : null;
  return { kind: 'read', finishedETag };
}

/** Decides on an upload after its object was looked at and, if that was needed, classified. */
export function decideAfterReading(upload: Upload, finding: Finding, now: Date): Decision {
  const { event, stored } = upload;
  const position = positionOf(upload);
  const hide = (why: SkipReason): WriteTombstone => ({
    kind: 'tombstone',
    entry: toTombstone(event.name, event.versionId, position, now),
    condition: conditionOf(upload),
    outcome: { kind: 'skipped', why },
  });
  switch (finding.kind) {
    case 'finished-content':
      return addTime(upload, finding.object) ?? { kind: 'settle', position, why: 'already-done' };
    case 'gone':
      return mustHide(upload) ? hide('gone') : leaveAlone(upload, 'gone');
    case 'superseded':
      return leaveAlone(upload, 'superseded');
    case 'folder-marker':
      return isShown(stored) ? hide('folder-marker') : leaveAlone(upload, 'folder-marker');
    case 'for-heavy-model':
      return { kind: 'forward', request: requestOfImage(sourceOf(event, finding.object), finding.model) };
    case 'rejected':
      if (hasSmallAnswer(upload, finding.object.eTag)) return { kind: 'settle', position, why: 'answered-before' };
      return writeRecord(upload, { ...NOTHING_SEEN, ...finding, state: 'rejected' }, now);
    case 'classified':
      return writeRecord(upload, { ...finding, state: 'tagged', reason: null }, now);
  }
}

/**
 * Decides what to store when the last attempt at an upload has failed: `failed`, unless a better or
 * later result is stored.
 */
export function decideOnFailure(upload: Upload, reason: Reason, now: Date): WriteRecord | Skip {
  const { event, stored } = upload;
  // A failed attempt of a backfill does not replace any result.
  const hasResult = event.sequencer === null ? stored !== null && !hasFailed(stored) : isDone(upload);
  if (hasResult) return { kind: 'skip', why: 'already-done' };
  const { eTag, versionId, size, time } = event;
  if (hasSmallAnswer(upload, eTag)) return { kind: 'skip', why: 'answered-before' };
  const object = { eTag, versionId, size, lastModified: time };
  return writeRecord(upload, { ...NOTHING_SEEN, object, state: 'failed', reason }, now);
}

/**
 * Decides on a deletion from the event alone. If the whole object was deleted, and the event has a
 * sequencer, the tombstone can be written at once, even before the uploads that it ends are
 * recorded.
 */
export function decideDeletionBeforeReading(event: RemovedEvent, now: Date): WriteTombstone | ReadImage {
  const { name, versionId, marker, sequencer } = event;
  if (sequencer === null) return { kind: 'read', looksForObject: true };
  if (versionId !== null && !marker) return { kind: 'read', looksForObject: false };
  const position = toPosition(sequencer, 0);
  return {
    kind: 'tombstone',
    entry: toTombstone(name, versionId, position, now),
    condition: { kind: 'position', position },
    outcome: { kind: 'deleted' },
  };
}

/**
 * Decides on the deletion of one version, or on a deletion without a sequencer. The tombstone
 * replaces the record that it hides, and keeps the record's position, because the deletion of one
 * version must not count as later than the upload of a newer one. If there is no record yet, its
 * upload will find that the version is gone.
 * @param isThere whether the object existed after the record was read; null: it was not checked
 */
export function decideDeletion(
  event: RemovedEvent,
  stored: Entry | null,
  isThere: boolean | null,
  now: Date,
): WriteTombstone | Settle {
  if (!isShown(stored) || !isEndOf(event, stored, isThere)) {
    return { kind: 'settle', position: null, why: 'superseded' };
  }
  return {
    kind: 'tombstone',
    entry: toTombstone(event.name, event.versionId, stored, now),
    condition: { kind: 'unchanged', seen: stored },
    outcome: { kind: 'deleted' },
  };
}

/**
 * Returns the position of the event's own result. A backfill's event has no sequencer, so it takes
 * the position of the stored entry. Its object is read after that entry, so the object is the newer
 * of the two.
 */
function positionOf({ event, stored, answerer: { stage } }: Upload): Position {
  if (event.sequencer !== null) return toPosition(event.sequencer, stage);
  const { sequencer, stage: storedStage } = stored ?? LOWEST_POSITION;
  return { sequencer, stage: storedStage > stage ? storedStage : stage };
}

function conditionOf(upload: Upload): WriteCondition {
  const { event, stored, answerer } = upload;
  if (event.sequencer === null) return { kind: 'unchanged', seen: stored };
  const position = positionOf(upload);
  return answerer.stage === 0 ? { kind: 'position', position } : { kind: 'answer', position, eTag: event.eTag };
}

/** Whether the work is done: the result of this event, or of a later one, is stored. */
function isDone(upload: Upload): boolean {
  const { event, stored } = upload;
  if (event.sequencer === null) {
    return event.eTag !== null && event.eTag === eTagOfFinishedContent(upload) && !lacksTime(stored);
  }
  return stored !== null && !hasFailed(stored) && comparePositions(stored, positionOf(upload)) >= 0;
}

/**
 * Returns the ETag of the content whose result is stored, if that is known. For a heavy model,
 * content that still waits for its answer has no result. Content that another model answered has
 * none either, and content that no model can answer has one for all.
 */
function eTagOfFinishedContent({ stored, answerer: { stage }, ownAnswers }: Upload): string | null {
  if (!isShown(stored) || hasFailed(stored)) return null;
  if (stage === 1 && stored.escalatedTo !== null) return null;
  const isFinished = ownAnswers === null || stored.state === 'rejected' || isAmong(ownAnswers, stored);
  return isFinished ? stored.eTag : null;
}

function isAmong({ modelSha256, heavyModels }: OwnAnswers, stored: ImageRecord): boolean {
  return stored.modelSha256 === modelSha256 || (stored.stage === 1 && heavyModels.includes(stored.model));
}

/**
 * Whether the small model's answer about this upload is stored. A heavy model without an answer
 * does not replace it.
 */
function hasSmallAnswer(upload: Upload, eTag: string | null): boolean {
  const { event, stored, answerer } = upload;
  if (answerer.stage === 0 || !isShown(stored) || stored.state !== 'tagged') return false;
  return event.sequencer === null ? stored.eTag === eTag : stored.sequencer === positionOf(upload).sequencer;
}

/**
 * Whether this event must hide the image of an object that is gone. The event of the deletion may
 * have been handled before there was a record to hide. A backfill may find a deletion that no event
 * reports.
 */
function mustHide({ event, stored }: Upload): boolean {
  return event.sequencer === null ? isShown(stored) : event.versionId !== null;
}

/**
 * Records nothing. If a later upload is stored, its tags are checked, because an earlier attempt at
 * this event may have changed them.
 */
function leaveAlone(upload: Upload, why: SkipReason): Settle | Skip {
  const { stored } = upload;
  const position = positionOf(upload);
  const isLaterStored = stored !== null && comparePositions(stored, position) > 0;
  return isLaterStored ? { kind: 'settle', position, why } : { kind: 'skip', why };
}

/** Whether the deleted object is the one that the record describes. */
function isEndOf(event: RemovedEvent, record: ImageRecord, isThere: boolean | null): boolean {
  const { versionId, marker, sequencer } = event;
  if (versionId !== null && !marker && !isSameVersion(record.versionId, versionId)) return false;
  if (sequencer !== null) return comparePositions(toPosition(sequencer, 0), record) > 0;
  // S3 promises sequencers for requests only, not for lifecycle rules. Without one, it counts
  // whether the object was gone after the record was read.
  return isThere === false;
}

/**
 * Writes the stored record again, with the time of its object, if it lacks that: an earlier version
 * made it. A backfill thus adds it to the index by time, without classifying the image again.
 */
function addTime(upload: Upload, { lastModified }: ObjectFacts): WriteRecord | null {
  const { stored } = upload;
  if (!isShown(stored) || !lacksTime(stored) || lastModified === null) return null;
  return {
    kind: 'write',
    entry: { ...stored, lastModified },
    condition: { kind: 'unchanged', seen: stored },
    outcome: { kind: 'skipped', why: 'already-done' },
  };
}

function lacksTime(stored: Entry | null): boolean {
  return isShown(stored) && stored.lastModified === null;
}

/** Whether there is a record that readers see. */
function isShown(stored: Entry | null): stored is ImageRecord {
  return stored !== null && !isTombstone(stored);
}

function sourceOf({ name, eTag, sequencer }: CreatedEvent, object: ObjectFacts): HeavyRequest['source'] {
  return { ...name, versionId: object.versionId, eTag: object.eTag ?? eTag ?? '', sequencer };
}

/** The fields of a record about an image that no model saw. */
const NOTHING_SEEN = {
  sha256: null,
  image: null,
  model: null,
  predictions: [],
  concepts: [],
  concept: null,
  escalatedTo: null,
} as const;

interface Result
  extends Pick<ImageRecord, 'state' | 'reason'>,
    Pick<Classified, 'object' | 'predictions' | 'escalatedTo'>,
    ConceptFindings {
  readonly sha256: string | null;
  readonly image: ImageFacts | null;
  readonly model: Classified['model'] | null;
}

function writeRecord(upload: Upload, result: Result, now: Date): WriteRecord {
  const { event, stored, answerer, indexThreshold } = upload;
  const { object, sha256, image, model, state, reason, escalatedTo } = result;
  const { sequencer, stage } = positionOf(upload);
  const updatedAt = now.toISOString();
  const predictions = toStoredPredictions(result.predictions);
  const findings = toStoredConcepts(result);
  const entry: ImageRecord = {
    bucket: event.name.bucket,
    key: event.name.key,
    versionId: object.versionId,
    eTag: object.eTag,
    sequencer,
    stage,
    sha256,
    size: object.size,
    lastModified: object.lastModified ?? timeOfSameContent(stored, object) ?? updatedAt,
    width: image?.width ?? null,
    height: image?.height ?? null,
    format: image?.format ?? null,
    model: model?.name ?? answerer.modelName,
    modelSha256: model?.sha256 ?? null,
    predictions,
    ...findings,
    state,
    rows: listRows({ state, predictions, concepts: findings.concepts }, indexThreshold),
    reason,
    escalatedTo,
    createdAt: isShown(stored) ? stored.createdAt : updatedAt,
    updatedAt,
  };
  return { kind: 'write', entry, condition: conditionOf(upload), outcome: null };
}

/**
 * Returns the time that the stored record has for the same content. A heavy model that fails before
 * it reads the object knows no other.
 */
function timeOfSameContent(stored: Entry | null, { eTag }: ObjectFacts): string | null {
  return isShown(stored) && eTag !== null && stored.eTag === eTag ? stored.lastModified : null;
}
