import { type RunRequest, readRunRequest } from '../../functions/backfill/run-request.ts';
import { parseS3Uri } from '../s3-uri.ts';
import type { StackOptions } from './open-backfill.ts';

/** The options that say what a run is to tag. */
export interface RunOptions extends StackOptions {
  /** A watched bucket. Default: the first one. */
  readonly bucket?: string;
  readonly prefix?: string;
  readonly suffix?: string;
  readonly minSize?: number;
  readonly maxSize?: number;
  /** `s3://BUCKET/…/manifest.json` of an S3 Inventory. */
  readonly inventory?: string;
  readonly concurrency?: number;
  /** Check the tags of what has its answer, too. */
  readonly repair?: true;
}

/**
 * Makes the input of an execution of the options.
 * @throws {InvalidRunRequestError} naming what is at fault
 */
export function toRunRequest(options: RunOptions): RunRequest {
  const { prefix, suffix, minSize, maxSize, inventory, concurrency, repair } = options;
  const { bucket: lists = '', prefix: manifestKey = '' } = parseS3Uri(inventory ?? '') ?? {};
  const request: RunRequest = {
    ...(inventory !== undefined && { source: { kind: 'inventory', bucket: lists, manifestKey } }),
    ...(options.bucket !== undefined && { bucket: options.bucket }),
    ...(prefix !== undefined && { prefix }),
    ...(suffix !== undefined && { suffix }),
    ...(minSize !== undefined && { minBytes: minSize }),
    ...(maxSize !== undefined && { maxBytes: maxSize }),
    ...(concurrency !== undefined && { concurrency }),
    ...(repair && { repair }),
  };
  // Reported here, before anything is asked for or started.
  readRunRequest(request, 'estimate', 1);
  return request;
}
