/** How many images came to each state. Uploads and heavy answers share these metrics. */
export const IMAGE_COUNTS = {
  tagged: 'ImagesTagged',
  rejected: 'ImagesRejected',
  failed: 'ImagesFailed',
} as const;

/** Counts attempts to tag an image that ended in an error. Most are tried again. */
export const ATTEMPTS_FAILED = 'AttemptsFailed';

/** Milliseconds that each step of an image took. Uploads and heavy answers share these metrics. */
export const STEP_TIMES = {
  read: 'ReadTime',
  decode: 'DecodeTime',
  run: 'RunTime',
  tag: 'TagTime',
  record: 'RecordTime',
} as const;
