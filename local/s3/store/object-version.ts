import { z } from 'zod';

/** A run of an object's bytes: one file of the data folder. A plain upload has one (none when empty), a multipart upload one a part. */
export const segmentSchema = z.strictObject({
  /** Name within the data folder; never made of a key's own characters. */
  file: z.string().regex(/^[0-9a-f]{64}\.[0-9a-f]{32}$/),
  size: z.int().positive(),
});

export const tagSchema = z.strictObject({ key: z.string(), value: z.string() });

/** What an object's bytes carry beside themselves, given by the client that wrote them. */
const descriptionSchema = z.strictObject({
  /** Answered as they came: content-type, cache-control …, x-amz-meta-*. Lower-case names, Latin-1 values. */
  headers: z.record(z.string(), z.string()),
  tags: z.array(tagSchema),
});

const contentSchema = z.strictObject({
  segments: z.array(segmentSchema),
  size: z.int().nonnegative(),
  /** Hexadecimal MD5, or MD5 of MD5s and `-N` for N parts; without quotes. */
  eTag: z.string(),
  /** Base64 by header name: `x-amz-checksum-sha256` … */
  checksums: z.record(z.string(), z.string()),
});

export const objectVersionSchema = z.strictObject({
  ...descriptionSchema.shape,
  ...contentSchema.shape,
  /** `null` (the text) for a version written without versioning. */
  versionId: z.string(),
  sequencer: z.string().regex(/^[0-9A-F]{16}$/),
  /** Milliseconds since 1970. */
  lastModified: z.int(),
  deleteMarker: z.boolean(),
});

/** Everything kept about one key; newest version first, never empty. */
export const keyRecordSchema = z.strictObject({
  key: z.string(),
  versions: z.array(objectVersionSchema).min(1),
});

export type Segment = z.infer<typeof segmentSchema>;
export type Tag = z.infer<typeof tagSchema>;
export type Description = z.infer<typeof descriptionSchema>;
export type Content = z.infer<typeof contentSchema>;
export type ObjectVersion = z.infer<typeof objectVersionSchema>;

/** The version id of what was written without versioning. */
export const NULL_VERSION = 'null';
