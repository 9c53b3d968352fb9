/** Metrics that uploads and heavy answers share: how many images came to each state. */
export const IMAGE_COUNTS = {
  tagged: 'ImagesTagged',
  rejected: 'ImagesRejected',
  failed: 'ImagesFailed',
} as const;

/** Metrics that uploads and heavy answers share: the milliseconds that each step of an image took. */
export const STEP_TIMES = {
  read: 'ReadTime',
  decode: 'DecodeTime',
  run: 'RunTime',
  tag: 'TagTime',
  record: 'RecordTime',
} as const;
