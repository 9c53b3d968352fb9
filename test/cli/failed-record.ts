import type { ImageRecord, ObjectName } from '../../functions/records/record.ts';
import type { Reason } from '../../functions/wire.ts';

/** The record of an image that the service could not tag. */
export function failedRecord({ bucket, key }: ObjectName, reason: Reason): ImageRecord {
  return {
    bucket,
    key,
    versionId: null,
    sequencer: '01',
    stage: 0,
    eTag: 'e',
    sha256: null,
    size: null,
    lastModified: '2026-11-26T12:00:00.000Z',
    width: null,
    height: null,
    format: null,
    model: 'sample',
    modelSha256: null,
    predictions: [],
    concepts: [],
    concept: null,
    state: 'failed',
    rows: [],
    reason,
    escalatedTo: null,
    createdAt: '2026-11-26T12:00:00.000Z',
    updatedAt: '2026-11-26T12:00:00.000Z',
  };
}
