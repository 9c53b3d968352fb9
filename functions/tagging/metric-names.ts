/** How many images came to each state. Uploads and heavy answers share these metrics. */
export const IMAGE_COUNTS = {
  tagged: 'ImagesTagged',
  rejected: 'ImagesRejected',
  failed: 'ImagesFailed',
} as const;

/** Milliseconds that each step of an image took. Uploads and heavy answers share these metrics. */
export const STEP_TIMES = {
  read: 'ReadTime',
  decode: 'DecodeTime',
  run: 'RunTime',
  tag: 'TagTime',
  record: 'RecordTime',
} as const;
