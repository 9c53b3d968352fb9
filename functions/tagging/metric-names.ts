/** Metrics that uploads and heavy answers share: how many images came to each state, and the milliseconds of each stage. */
export const IMAGE_COUNTS = {
  tagged: 'ImagesTagged',
  rejected: 'ImagesRejected',
  failed: 'ImagesFailed',
  pending: 'ImagesPending',
} as const;

export const STAGES = {
  read: 'ReadTime',
  decode: 'DecodeTime',
  run: 'RunTime',
  tag: 'TagTime',
  record: 'RecordTime',
} as const;
