import type { ImageFacts } from '../../classifier/types.ts';
import type { WriteCondition } from '../records/condition.ts';
import { comparePositions, LOWEST_POSITION, type Position, toPosition } from '../records/position.ts';
import {
  type Entry,
  hasFailed,
  type ImageRecord,
  isSameVersion,
  isTombstone,
  type Tombstone,
  toStoredPredictions,
  toTombstone,
} from '../records/record.ts';
import { type HeavyRequest, requestOfImage } from '../routing/heavy-message.ts';
import type { Reason } from '../wire.ts';
import type { Answerer } from './answerer.ts';
import type { CreatedEvent, RemovedEvent } from './image-event.ts';
import type { Classified, Finding, ObjectFacts } from './inspect.ts';
import type { Outcome, SkipReason } from './outcome.ts';

/** An upload's event, and what is known when it is decided on. */
export interface Upload {
  readonly event: CreatedEvent;
  /** What the table holds of the image. */
  readonly stored: Entry | null;
  readonly answerer: Pick<Answerer, 'stage' | 'modelName'>;
}

/** What is to be done about an event. */
export type Decision = WriteRecord | WriteTombstone | Settle | Skip | Forward;

/** Write the record; then bring rows and tags in line. */
export interface WriteRecord {
  readonly kind: 'write';
  readonly entry: ImageRecord;
  readonly condition: WriteCondition;
}

/** Hide the image; then bring rows in line. */
export interface WriteTombstone {
  readonly kind: 'tombstone';
  readonly entry: Tombstone;
  readonly condition: WriteCondition;
  /** What became of the event once the tombstone is written. */
  readonly outcome: Outcome;
}

/**
 * Bring rows and tags in line with the entry that stands, which an earlier delivery may have left
 * undone. An entry at `position` is this event's own result, and is published.
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
 * Read the object and have it classified, unless it has this ETag: that content's result is stored.
 */
export interface ReadObject {
  readonly kind: 'read';
  readonly finishedETag: string | null;
}

/**
 * Read the record; and look whether the object is there, if the event cannot tell when it was
 * removed.
 */
export interface ReadImage {
  readonly kind: 'read';
  readonly looksForObject: boolean;
}

/** Decides on an upload when nothing but the event and the stored entry is known. */
export function decideBeforeReading(upload: Upload): Settle | ReadObject {
  if (isDone(upload)) return { kind: 'settle', position: positionOf(upload), why: 'already-done' };
  // S3's own event has a place in the order: it stands for an upload of its own, also of content
  // that was there before.
  const finishedETag = upload.event.sequencer === null ? eTagOfFinishedContent(upload) : null;
  return { kind: 'read', finishedETag };
}

/** Decides on an upload once its object was looked at, and answered about where that was needed. */
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
      return { kind: 'settle', position, why: 'already-done' };
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
 * Decides what the last failed attempt at an upload leaves behind: `failed`, unless something
 * better or later is stored.
 */
export function decideOnFailure(upload: Upload, reason: Reason, now: Date): WriteRecord | Skip {
  const { event, stored } = upload;
  // A backfill's attempt that failed says nothing against any result.
  const hasResult = event.sequencer === null ? stored !== null && !hasFailed(stored) : isDone(upload);
  if (hasResult) return { kind: 'skip', why: 'already-done' };
  const { eTag, versionId, size } = event;
  if (hasSmallAnswer(upload, eTag)) return { kind: 'skip', why: 'answered-before' };
  return writeRecord(upload, { ...NOTHING_SEEN, object: { eTag, versionId, size }, state: 'failed', reason }, now);
}

/**
 * Decides on a deletion when nothing but the event is known. The end of the whole object, told with
 * its place in the order, can be recorded before what it ends.
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
 * Decides on the deletion of a version, or without a place in the order. The tombstone takes the
 * place of the record that it hides, at the record's position: the end of one version does not come
 * after a newer version's upload. A record that is not there yet finds its version gone itself.
 * @param isThere whether the object was there after the record was read; null: nobody looked
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
 * The position of the event's own result. A backfill's event has no place in the order and takes
 * over the stored entry's: its object is read after the entry was, so of the two the object is the
 * newer.
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

/** Whether nothing is left to find out: the result of this event, or of a later one, is stored. */
function isDone(upload: Upload): boolean {
  const { event, stored } = upload;
  if (event.sequencer === null) return event.eTag !== null && event.eTag === eTagOfFinishedContent(upload);
  return stored !== null && !hasFailed(stored) && comparePositions(stored, positionOf(upload)) >= 0;
}

/**
 * The content that has its result. For a heavy model it has none while that model is still to
 * answer.
 */
function eTagOfFinishedContent({ stored, answerer: { stage } }: Upload): string | null {
  if (!isShown(stored) || hasFailed(stored)) return null;
  return stage === 0 || stored.escalatedTo === null ? stored.eTag : null;
}

/**
 * Whether the small model's answer about this very upload stands. What a heavy model cannot say
 * does not take its place.
 */
function hasSmallAnswer(upload: Upload, eTag: string | null): boolean {
  const { event, stored, answerer } = upload;
  if (answerer.stage === 0 || !isShown(stored) || stored.state !== 'tagged') return false;
  return event.sequencer === null ? stored.eTag === eTag : stored.sequencer === positionOf(upload).sequencer;
}

/**
 * Whether this event has to hide an image that is gone. The deletion of a version may have come
 * first and found nothing to hide. What a backfill finds gone may be what no event tells.
 */
function mustHide({ event, stored }: Upload): boolean {
  return event.sequencer === null ? isShown(stored) : event.versionId !== null;
}

/**
 * There is nothing to record. An attempt at this event may have put its tags on a later upload's
 * object.
 */
function leaveAlone(upload: Upload, why: SkipReason): Settle | Skip {
  const { stored } = upload;
  const position = positionOf(upload);
  const isLaterStored = stored !== null && comparePositions(stored, position) > 0;
  return isLaterStored ? { kind: 'settle', position, why } : { kind: 'skip', why };
}

/** Whether the deletion ends the object that the record is about. */
function isEndOf(event: RemovedEvent, record: ImageRecord, isThere: boolean | null): boolean {
  const { versionId, marker, sequencer } = event;
  if (versionId !== null && !marker && !isSameVersion(record.versionId, versionId)) return false;
  if (sequencer !== null) return comparePositions(toPosition(sequencer, 0), record) > 0;
  // S3 promises sequencers for requests only, not for lifecycle rules. Then absence, seen after the
  // record, decides.
  return isThere === false;
}

/** Whether readers see a record. */
function isShown(stored: Entry | null): stored is ImageRecord {
  return stored !== null && !isTombstone(stored);
}

function sourceOf({ name, eTag, sequencer }: CreatedEvent, object: ObjectFacts): HeavyRequest['source'] {
  return { ...name, versionId: object.versionId, eTag: object.eTag ?? eTag ?? '', sequencer };
}

/** What a record says of an image that no model saw. */
const NOTHING_SEEN = { sha256: null, image: null, model: null, predictions: [], escalatedTo: null } as const;

interface Result
  extends Pick<ImageRecord, 'state' | 'reason'>,
    Pick<Classified, 'object' | 'predictions' | 'escalatedTo'> {
  readonly sha256: string | null;
  readonly image: ImageFacts | null;
  readonly model: Classified['model'] | null;
}

function writeRecord(upload: Upload, result: Result, now: Date): WriteRecord {
  const { event, stored, answerer } = upload;
  const { object, sha256, image, model, predictions, state, reason, escalatedTo } = result;
  const { sequencer, stage } = positionOf(upload);
  const updatedAt = now.toISOString();
  const entry: ImageRecord = {
    bucket: event.name.bucket,
    key: event.name.key,
    versionId: object.versionId,
    eTag: object.eTag,
    sequencer,
    stage,
    sha256,
    size: object.size,
    width: image?.width ?? null,
    height: image?.height ?? null,
    format: image?.format ?? null,
    model: model?.name ?? answerer.modelName,
    modelSha256: model?.sha256 ?? null,
    predictions: toStoredPredictions(predictions),
    state,
    reason,
    escalatedTo,
    createdAt: isShown(stored) ? stored.createdAt : updatedAt,
    updatedAt,
  };
  return { kind: 'write', entry, condition: conditionOf(upload) };
}
