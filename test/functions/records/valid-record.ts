import type { ImageRecord, Tombstone } from '../../../functions/records/record.ts';
import { listRows } from '../../../functions/records/row-list.ts';

/**
 * A tagged image's record, with whatever a test needs otherwise. Unless the test says otherwise, it
 * lists the rows that it gets at a threshold of 0.1.
 */
export function validRecord(changes: Partial<ImageRecord> = {}): ImageRecord {
  const record = {
    bucket: 'pictures',
    key: 'holiday/a b.jpg',
    versionId: null,
    eTag: '9b2cf535f27731c974343645a3985328',
    sequencer: '0055AED6DCD90281E5',
    stage: 0 as const,
    sha256: 'a'.repeat(64),
    size: 1234,
    lastModified: '2026-11-24T11:59:59.000Z',
    width: 640,
    height: 480,
    format: 'jpeg',
    model: 'resnet50_swsl',
    modelSha256: 'b'.repeat(64),
    predictions: [
      { rank: 1, label: 'tabby', wnid: 'n02123045', index: 281, probability: 0.7 },
      { rank: 2, label: 'tiger cat', wnid: 'n02123159', index: 282, probability: 0.2 },
      { rank: 3, label: 'lynx', wnid: 'n02127052', index: 287, probability: 0.05 },
    ],
    concepts: [
      { id: 'n02123045', label: 'tabby', probability: 0.7 },
      { id: 'n02121808', label: 'domestic cat', probability: 0.9 },
    ],
    concept: { id: 'n02121808', label: 'domestic cat', probability: 0.9 },
    state: 'tagged' as const,
    reason: null,
    escalatedTo: null,
    createdAt: '2026-11-24T12:00:00.000Z',
    updatedAt: '2026-11-24T12:00:01.000Z',
    ...changes,
  };
  return { rows: listRows(record, 0.1), ...record };
}

export function validTombstone(changes: Partial<Tombstone> = {}): Tombstone {
  return {
    bucket: 'pictures',
    key: 'holiday/a b.jpg',
    versionId: null,
    sequencer: '0055AED6DCD90281E5',
    stage: 0,
    deletedAt: '2026-11-24T12:00:00.000Z',
    expiresAt: 1_798_200_000,
    ...changes,
  };
}
