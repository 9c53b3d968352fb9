import { MAX_ITEMS_PER_BATCH } from '../../functions/backfill/batch.ts';

/** What tagging an image is assumed to need: every figure that is neither a price nor measured. */
export const IMAGE_ASSUMPTIONS = {
  /** The default memory of the tagging function, one full vCPU. */
  memoryMb: 1769,
  /**
   * S3 sends each message by itself. Lambda receives and deletes the messages of a call together.
   */
  sqsRequestsPerImage: 1,
  sqsRequestsPerCall: 2,
  /** A record of ten predictions and eight concepts has 1.9 kB. */
  tableUnitsPerRecord: 2,
  /** A record's key, 0.2 kB, is written to the index by time. */
  indexUnitsPerRecord: 1,
  /** A search concept and two labels, such as dog, whippet and greyhound. Five at most. */
  rowsPerImage: 3,
  /** A row of 0.3 kB is written to the table and to the index. */
  writeUnitsPerRow: 2,
  /** Record and rows are read consistently, and have less than 4 kB. */
  readUnitsPerQuery: 1,
  tagsPerImage: 3,
  /** One log line per image. */
  logKbPerImage: 1,
} as const;

/** What a backfill is assumed to need besides. */
export const BACKFILL_ASSUMPTIONS = {
  imagesPerBatch: MAX_ITEMS_PER_BATCH,
  /** Start of the child execution, the call, the question whether anything is left, and its end. */
  transitionsPerBatch: 4,
  /** A call writes its counts and its results. */
  resultWritesPerBatch: 2,
  /** A page of a listing. */
  keysPerListing: 1_000,
} as const;
