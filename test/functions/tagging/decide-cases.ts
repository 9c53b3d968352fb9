import type { Entry } from '../../../functions/records/record.ts';
import type { Decision, ReadImage, ReadObject } from '../../../functions/tagging/decide.ts';
import type { CreatedEvent } from '../../../functions/tagging/image-event.ts';
import type { Classified, Rejected } from '../../../functions/tagging/inspect.ts';
import { validRecord, validTombstone } from '../records/valid-record.ts';

export const NOW = new Date('2026-11-24T12:00:00Z');
export const NAME = { bucket: 'pictures', key: 'a.jpg' };
export const SMALL = { stage: 0, modelName: 'small' } as const;
export const HEAVY = { stage: 1, modelName: 'heavy' } as const;
export const REASON = { code: 'not-an-image', message: 'text' };

/** The event's place in the order is 05. */
export const PLAIN: CreatedEvent = {
  kind: 'created',
  name: NAME,
  versionId: null,
  eTag: 'e5',
  size: 9,
  sequencer: '0500',
  time: '2026-11-24T11:59:58.123Z',
};
export const VERSIONED: CreatedEvent = { ...PLAIN, versionId: 'v5' };
export const BACKFILL: CreatedEvent = { ...PLAIN, sequencer: null };

const record = validRecord;
const tombstone = validTombstone;
/** What may be stored, by its place: before the event's, the same, after it. */
export const STORED = {
  nothing: null,
  'tagged before': record({ sequencer: '04', eTag: 'e4' }),
  'failed before': record({ sequencer: '04', eTag: 'e4', state: 'failed' }),
  'deleted before': tombstone({ sequencer: '04' }),
  'tagged here': record({ sequencer: '05', eTag: 'e5' }),
  'rejected here': record({ sequencer: '05', eTag: 'e5', state: 'rejected' }),
  'failed here': record({ sequencer: '05', eTag: 'e5', state: 'failed' }),
  'escalated here': record({ sequencer: '05', eTag: 'e5', escalatedTo: 'heavy' }),
  'heavy here': record({ sequencer: '05', eTag: 'e5', stage: 1 }),
  'deleted here': tombstone({ sequencer: '05' }),
  'tagged after': record({ sequencer: '06', eTag: 'e6' }),
  'failed after': record({ sequencer: '06', eTag: 'e6', state: 'failed' }),
  'deleted after': tombstone({ sequencer: '06' }),
} satisfies Record<string, Entry | null>;
export type StoredName = keyof typeof STORED;

export const OBJECT = { eTag: 'e5', versionId: null, size: 9, lastModified: '2026-11-24T11:59:58.000Z' };
const TIMES = { read: 0, decode: 0, run: 0 };
export const CLASSIFIED: Classified = {
  kind: 'classified',
  object: OBJECT,
  sha256: 'c'.repeat(64),
  image: { width: 4, height: 3, format: 'png', bytes: 9 },
  model: { name: 'answering', sha256: 'd'.repeat(64) },
  predictions: [{ rank: 1, label: 'tabby', wnid: null, index: 281, probability: 0.7 }],
  concepts: [{ id: 'n02121808', label: 'domestic cat', probability: 0.9 }],
  concept: { id: 'n02121808', label: 'domestic cat', probability: 0.9 },
  escalatedTo: 'heavy',
  milliseconds: TIMES,
};
export const REJECTED: Rejected = {
  kind: 'rejected',
  object: OBJECT,
  sha256: null,
  reason: REASON,
  milliseconds: TIMES,
};

/** A decision in a few words: what is written where, on what condition. */
export function inWords(decision: Decision | ReadObject | ReadImage): string {
  switch (decision.kind) {
    case 'write':
      return `${decision.entry.state} ${placeOf(decision.entry)}, ${decision.condition.kind}`;
    case 'tombstone':
      return `hide ${placeOf(decision.entry)}, ${decision.condition.kind}`;
    case 'settle':
    case 'skip':
      return `${decision.kind}: ${decision.why}`;
    case 'forward':
      return `forward to ${decision.request.model}`;
    case 'read':
      if ('looksForObject' in decision) return decision.looksForObject ? 'read, look for the object' : 'read';
      return decision.finishedETag === null ? 'read' : `read unless ${decision.finishedETag}`;
  }
}

const placeOf = ({ sequencer, stage }: { sequencer: string; stage: number }) => `at ${sequencer}.${stage}`;
