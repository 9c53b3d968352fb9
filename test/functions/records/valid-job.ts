import { type Job, type JobRequest, type JobResult, toJob } from '../../../functions/records/job.ts';
import type { Explanation } from '../../../functions/wire.ts';

export const JOB_TIME = new Date('2026-11-24T12:00:00Z');

/** A job as the API makes it, `queued`. */
export function validJob(changes: Partial<JobRequest> = {}): Job {
  const id = changes.id ?? '5f0c2f0e-6f0d-4f4e-9a55-3d2d9f0c8f11';
  return toJob(
    {
      id,
      model: 'resnext101_32x8d_swsl',
      top: 2,
      explain: false,
      source: { bucket: 'service', key: `jobs/${id}`, versionId: null, eTag: '9b2cf535f27731c974343645a3985328' },
      ...changes,
    },
    JOB_TIME,
  );
}

export const EXPLANATION: Explanation = {
  label: 'tabby',
  index: 281,
  region: { left: 80, top: 0, width: 480, height: 480 },
  overlay: { contentType: 'image/png', width: 4, height: 3, base64: 'aGVsbG8=' },
};

export const JOB_RESULT: JobResult = {
  image: { width: 640, height: 480, format: 'jpeg', bytes: 1234 },
  predictions: [
    { rank: 1, label: 'tabby', wnid: 'n02123045', index: 281, probability: 0.7 },
    { rank: 2, label: 'tiger cat', wnid: 'n02123159', index: 282, probability: 0.2 },
    { rank: 3, label: 'lynx', wnid: 'n02127052', index: 287, probability: 0.05 },
  ],
  concepts: [{ id: 'n02121808', label: 'domestic cat', probability: 0.9 }],
  concept: { id: 'n02121808', label: 'domestic cat', probability: 0.9 },
  explanation: null,
};
