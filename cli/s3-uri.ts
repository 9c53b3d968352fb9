/** A bucket, or a part of it. */
export interface S3Place {
  readonly bucket: string;
  /** What the keys begin with; '' for all. */
  readonly prefix: string;
}

/**
 * Reads `s3://BUCKET/PREFIX`. The prefix is taken as it is; a slash at its end limits it to a
 * folder.
 * @returns null for anything else
 */
export function parseS3Uri(text: string): S3Place | null {
  const [, bucket, prefix = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(text) ?? [];
  return bucket === undefined ? null : { bucket, prefix };
}
