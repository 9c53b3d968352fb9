import { z } from 'zod';

/**
 * A run of an object's bytes: one file of the data folder. A plain upload has one segment (none if
 * it is empty), and a multipart upload has one per part.
 */
export const segmentSchema = z.strictObject({
  /** File name within the data folder. It never contains characters of the key. */
  file: z.string().regex(/^[0-9a-f]{64}\.[0-9a-f]{32}$/),
  size: z.int().positive(),
});

export const tagSchema = z.strictObject({ key: z.string(), value: z.string() });

/** What the client stored together with the bytes of an object. */
const descriptionSchema = z.strictObject({
  /**
   * Returned unchanged: content-type, cache-control …, x-amz-meta-*. Lower-case names, Latin-1
   * values.
   */
  headers: z.record(z.string(), z.string()),
  tags: z.array(tagSchema),
});

const contentSchema = z.strictObject({
  segments: z.array(segmentSchema),
  size: z.int().nonnegative(),
  /** Hexadecimal MD5, or the MD5 of MD5s followed by `-N` for N parts. Without quotes. */
  eTag: z.string(),
  /** Base64 values by header name: `x-amz-checksum-sha256` … */
  checksums: z.record(z.string(), z.string()),
});

export const objectVersionSchema = z.strictObject({
  ...descriptionSchema.shape,
  ...contentSchema.shape,
  /** `null` (as text) for a version that was written without versioning. */
  versionId: z.string(),
  sequencer: z.string().regex(/^[0-9A-F]{16}$/),
  /** Milliseconds since 1970. */
  lastModified: z.int(),
  deleteMarker: z.boolean(),
});

/** Everything that is stored about one key, the newest version first. Never empty. */
export const keyRecordSchema = z.strictObject({
  key: z.string(),
  versions: z.array(objectVersionSchema).min(1),
});

export type Segment = z.infer<typeof segmentSchema>;
export type Tag = z.infer<typeof tagSchema>;
export type Description = z.infer<typeof descriptionSchema>;
export type Content = z.infer<typeof contentSchema>;
export type ObjectVersion = z.infer<typeof objectVersionSchema>;

/** Version id of an object that was written without versioning. */
export const NULL_VERSION = 'null';
