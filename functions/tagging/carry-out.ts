import { comparePositions, type Position } from '../records/position.ts';
import { type Entry, hasFailed, type ImageRecord, isTombstone, type ObjectName } from '../records/record.ts';
import type { StoredImage } from '../records/store.ts';
import { requestOfImage } from '../routing/heavy-message.ts';
import { together } from '../side-by-side/together.ts';
import type { Decision, WriteRecord, WriteTombstone } from './decide.ts';
import type { Effects } from './effects.ts';
import { readTagsBeside } from './ensure-tags.ts';
import type { Outcome } from './outcome.ts';
import { removeOldThumbnail } from './remove-old-thumbnail.ts';
import { type Settled, type SettleOptions, settle } from './settle.ts';

/**
 * Carries out the decision about an event: writes the entry, updates label rows and tags to match
 * it, checks that nothing has changed meanwhile, and publishes. A crash may happen between any two
 * steps. Only the write makes a state final. When the event is delivered again, the missing steps
 * are done.
 * @param seen what the table held when the decision was made; null: it was not read
 * @returns `overtaken` when the facts behind the decision have changed: decide on the event again
 */
export async function carryOut(
  name: ObjectName,
  decision: Decision,
  seen: StoredImage | null,
  effects: Effects,
): Promise<Outcome | 'overtaken'> {
  switch (decision.kind) {
    case 'skip':
      return { kind: 'skipped', why: decision.why };
    case 'forward': {
      if (effects.askHeavy === null) throw new TypeError('a heavy model must answer, but there is no heavy queue');
      await effects.askHeavy(decision.request);
      return { kind: 'forwarded', model: decision.request.model };
    }
    case 'settle': {
      await finish(name, seen ?? (await effects.records.read(name)), decision.position, effects);
      return { kind: 'skipped', why: decision.why };
    }
    case 'write':
    case 'tombstone':
      return write(name, decision, seen, effects);
  }
}

async function write(
  name: ObjectName,
  decision: WriteRecord | WriteTombstone,
  seen: StoredImage | null,
  effects: Effects,
): Promise<Outcome | 'overtaken'> {
  const { records } = effects;
  const { entry, condition } = decision;
  await removeOldThumbnail(seen?.entry ?? null, entry, effects);
  const start = performance.now();
  let recordMilliseconds = 0;
  const writing = records.write(entry, condition);
  const [isWritten, tagsJustRead] = await together(
    writing.finally(() => {
      recordMilliseconds = performance.now() - start;
    }),
    readTagsBeside(writing, entry, effects),
  );
  if (!isWritten && condition.kind === 'unchanged') return 'overtaken';

  // Rows and tags follow the stored entry, this one or a later one.
  const image = isWritten && seen !== null ? { entry, rows: seen.rows } : await records.read(name);
  const { entry: standing, tagMilliseconds } = await finish(name, image, entry, effects, { tagsJustRead });
  if (!isWritten) return { kind: 'skipped', why: 'superseded' };
  if (decision.kind === 'tombstone') return decision.outcome;
  if (decision.outcome !== null) return decision.outcome;
  const isGone = standing !== null && isTombstone(standing) && comparePositions(standing, entry) === 0;
  if (isGone) return { kind: 'skipped', why: 'gone' };
  const milliseconds = { read: 0, decode: 0, run: 0, tag: tagMilliseconds, record: recordMilliseconds };
  return { kind: 'recorded', record: decision.entry, milliseconds };
}

/**
 * Settles the image. Once rows and tags match the record at `position`, it is published, so that
 * they are there for those who hear of it. If the record is then still the stored one, the heavy
 * model is asked for a second answer if it must give one. That request comes last, so that the
 * heavy answer finds a small one to replace.
 */
async function finish(
  name: ObjectName,
  image: StoredImage,
  position: Position | null,
  effects: Effects,
  options: Pick<SettleOptions, 'tagsJustRead'> = {},
): Promise<Settled> {
  const isOwnResult = (entry: Entry): entry is ImageRecord =>
    position !== null && comparePositions(entry, position) === 0 && !isTombstone(entry) && !hasFailed(entry);
  const announce = async (entry: Entry) => {
    if (isOwnResult(entry)) await effects.publish(entry);
  };
  const settled = await settle(name, image, effects, { ...options, announce });
  if (settled.entry !== null && isOwnResult(settled.entry)) await escalate(settled.entry, effects);
  return settled;
}

async function escalate(record: ImageRecord, { askHeavy }: Effects): Promise<void> {
  const { escalatedTo, bucket, key, versionId, eTag, sequencer, stage } = record;
  if (askHeavy === null || escalatedTo === null || eTag === null) return;
  // A backfill may have replaced a heavy answer by a small one. There is no stage after 1, so no
  // sequencer is sent.
  const source = { bucket, key, versionId, eTag, sequencer: stage === 0 ? sequencer : null };
  await askHeavy(requestOfImage(source, escalatedTo));
}
