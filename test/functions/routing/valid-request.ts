import type { HeavyRequest } from '../../../functions/routing/heavy-message.ts';

/** A request about an image of the watched bucket. */
export function validRequest(changes: Partial<HeavyRequest> = {}): HeavyRequest {
  return {
    version: 1,
    jobId: null,
    source: {
      bucket: 'pictures',
      key: 'holiday/a b.jpg',
      versionId: null,
      eTag: '9b2cf535f27731c974343645a3985328',
      sequencer: '0055AED6DCD90281E5',
    },
    model: 'resnext101_32x8d_swsl',
    top: 5,
    explain: false,
    ...changes,
  };
}
