import { comparePositions, type Position } from '../records/position.ts';
import {
  type Entry,
  type ImageRecord,
  isFinal,
  isTombstone,
  RECORD_PREDICTIONS,
  toStoredPredictions,
  toTombstone,
} from '../records/record.ts';
import type { StoredImage } from '../records/store.ts';
import { HEAVY_MESSAGE_VERSION, type HeavyRequest, type SendHeavyRequest } from '../routing/heavy-message.ts';
import type { Reason } from '../wire.ts';
import type { CreatedEvent } from './created-event.ts';
import {
  type Finding,
  type Forward,
  type InspectDependencies,
  inspect,
  isFolderMarker,
  NOTHING_FOUND,
  type NoFinding,
} from './inspect.ts';
import { isSmallAnswer, planWrite, type WritePlan } from './plan-write.ts';
import { type Effects, type Settled, settle } from './settle.ts';

export interface TagImageDependencies extends Effects, InspectDependencies {
  /** Named in the records of images that no model saw. */
  readonly modelName: string;
  /** Asks a heavy model; null where there is none. */
  readonly askHeavy: SendHeavyRequest | null;
}

/** Milliseconds that each step of one image took. */
export interface StepTimes {
  readonly read: number;
  readonly decode: number;
  readonly run: number;
  readonly tag: number;
  readonly record: number;
}

/** What became of an event. */
export type Outcome =
  | { readonly kind: 'recorded'; readonly record: ImageRecord; readonly milliseconds: StepTimes }
  /** `answered-before`: a heavy model has nothing to say of an image that the small one has answered. */
  | { readonly kind: 'skipped'; readonly why: NoFinding | 'answered-before' | 'test-event' | 'ignored' }
  /** To the heavy model that is to answer. */
  | { readonly kind: 'forwarded'; readonly model: string }
  | { readonly kind: 'deleted' };

/**
 * One upload, from event to tags and record. Every step can be the last before a crash: only step 4 makes a state final, so a
 * redelivered event does whatever is missing, and `settle` redoes what two events of one object did to each other.
 * Throws whatever was our fault; the queue retries.
 */
export async function tagImage(event: CreatedEvent, dependencies: TagImageDependencies): Promise<Outcome> {
  const { name } = event;
  const { records, stage } = dependencies;

  // 1. Nothing to do for what is final here, or later. A crash may have come between the record and the rest.
  const seen = await records.read(name);
  const plan = planWrite(event, seen.entry, stage);
  if (plan.done) {
    await finish(seen, plan.position, event, dependencies);
    return { kind: 'skipped', why: 'already-done' };
  }

  // 2, 3. The object as the event means it, and what is on it.
  const marker = event.sequencer !== null && isFolderMarker(name.key, event.size);
  const finding = marker ? 'folder-marker' : await inspect(event, seen.entry, dependencies);
  if (typeof finding === 'string') return leave(event, seen, plan, finding, dependencies);
  if ('forwardTo' in finding) return forward(event, finding, dependencies);
  if (finding.reason !== null && isSmallAnswer(seen.entry, plan.position)) {
    await finish(seen, plan.position, event, dependencies);
    return { kind: 'skipped', why: 'answered-before' };
  }

  // 4. The record, unless a later one is stored.
  const record = toRecord(event, finding, plan, seen.entry, dependencies);
  const start = performance.now();
  const written = await records.write(record, plan.condition);
  const recorded = performance.now() - start;
  if (!written && event.sequencer === null) return tagImage(event, dependencies);

  // 5, 6. Label rows and tags in line with the record that stands, and a last look; then its publication.
  const stored = written ? { entry: record, rows: seen.rows } : await records.read(name);
  const settled = await finish(stored, plan.position, event, dependencies);
  if (!written) return { kind: 'skipped', why: 'superseded' };
  if (settled.entry !== null && isTombstone(settled.entry) && comparePositions(settled.entry, record) === 0) {
    return { kind: 'skipped', why: 'gone' };
  }
  const times = { ...finding.milliseconds, tag: settled.tagMilliseconds, record: recorded };
  return { kind: 'recorded', record, milliseconds: times };
}

/**
 * Writes `failed`, on the last attempt at an event. A later success replaces it.
 * @returns null when something better or later stands
 */
export async function failImage(
  event: CreatedEvent,
  reason: Reason,
  dependencies: TagImageDependencies,
): Promise<ImageRecord | null> {
  const seen = await dependencies.records.read(event.name);
  const plan = planWrite(event, seen.entry, dependencies.stage);
  const standing = event.sequencer === null && seen.entry !== null && isFinal(seen.entry);
  if (plan.done || standing || isSmallAnswer(seen.entry, plan.position)) return null;
  const { eTag, versionId, size } = event;
  const finding = { eTag, versionId, size, ...NOTHING_FOUND, reason };
  const record = { ...toRecord(event, finding, plan, seen.entry, dependencies), state: 'failed' as const };
  if (!(await dependencies.records.write(record, plan.condition))) return null;
  await dependencies.publish(record);
  await settle(event.name, { entry: record, rows: seen.rows }, dependencies);
  return record;
}

/**
 * Settles the image, then publishes its state if that is this event's own, and asks the heavy model that is to answer as well. Only
 * once the record stands: the message that brings the heavy answer finds a small one to replace.
 */
async function finish(
  stored: StoredImage,
  position: Position,
  { name }: CreatedEvent,
  dependencies: TagImageDependencies,
): Promise<Settled> {
  const settled = await settle(name, stored, dependencies);
  const { entry } = settled;
  if (entry !== null && !isTombstone(entry) && isFinal(entry) && comparePositions(entry, position) === 0) {
    await dependencies.publish(entry);
    await escalate(entry, dependencies);
  }
  return settled;
}

async function escalate(record: ImageRecord, { askHeavy }: TagImageDependencies): Promise<void> {
  const { escalatedTo, bucket, key, versionId, eTag, sequencer, stage } = record;
  if (askHeavy === null || escalatedTo === null || eTag === null) return;
  // A backfill may have put a small answer in the place of an older heavy one: of that place there is no later stage.
  const source = { bucket, key, versionId, eTag, sequencer: stage === 0 ? sequencer : null };
  await askHeavy(toHeavyRequest(source, escalatedTo));
}

async function forward(
  { name, sequencer, eTag }: CreatedEvent,
  found: Forward,
  { askHeavy }: TagImageDependencies,
): Promise<Outcome> {
  if (askHeavy === null) throw new TypeError('tagging: expected a heavy queue where a heavy model answers, found none');
  const source = { ...name, versionId: found.versionId, eTag: found.eTag ?? eTag ?? '', sequencer };
  await askHeavy(toHeavyRequest(source, found.forwardTo));
  return { kind: 'forwarded', model: found.forwardTo };
}

function toHeavyRequest(source: HeavyRequest['source'], model: string): HeavyRequest {
  return { version: HEAVY_MESSAGE_VERSION, jobId: null, source, model, top: RECORD_PREDICTIONS, explain: false };
}

/**
 * No image to record. Where no deletion's event will say so, or none that could be told from another version's, a tombstone
 * takes the place of an older record.
 */
async function leave(
  event: CreatedEvent,
  seen: StoredImage,
  plan: WritePlan,
  why: NoFinding,
  dependencies: TagImageDependencies,
): Promise<Outcome> {
  const { name, versionId, sequencer } = event;
  const { records, now } = dependencies;
  const replaced = seen.entry !== null && !isTombstone(seen.entry);
  const versionGone = why === 'gone' && sequencer !== null && versionId !== null;
  const objectGone = why === 'gone' && sequencer === null && replaced;
  const hidden = why === 'folder-marker' && replaced;
  if (versionGone || objectGone || hidden) {
    await records.write(toTombstone(name, versionId, plan.position, now()), plan.condition);
    await settle(name, await records.read(name), dependencies);
  } else if (why === 'already-done') {
    await finish(seen, plan.position, event, dependencies);
  } else if (seen.entry !== null && comparePositions(seen.entry, plan.position) > 0) {
    // An attempt at this event may have put its tags on the later object before it was cut off.
    await settle(name, seen, dependencies);
  }
  return { kind: 'skipped', why };
}

function toRecord(
  { name }: CreatedEvent,
  finding: Omit<Finding, 'milliseconds'>,
  { position }: WritePlan,
  stored: Entry | null,
  { modelName, now }: TagImageDependencies,
): ImageRecord {
  const updatedAt = now().toISOString();
  return {
    bucket: name.bucket,
    key: name.key,
    versionId: finding.versionId,
    eTag: finding.eTag,
    sequencer: position.sequencer,
    stage: position.stage,
    sha256: finding.sha256,
    size: finding.size,
    width: finding.image?.width ?? null,
    height: finding.image?.height ?? null,
    format: finding.image?.format ?? null,
    model: finding.model?.name ?? modelName,
    modelSha256: finding.model?.sha256 ?? null,
    predictions: toStoredPredictions(finding.predictions),
    state: finding.reason === null ? 'tagged' : 'rejected',
    reason: finding.reason,
    escalatedTo: finding.escalatedTo,
    createdAt: stored === null || isTombstone(stored) ? updatedAt : stored.createdAt,
    updatedAt,
  };
}
