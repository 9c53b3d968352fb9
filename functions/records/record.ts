import * as z from 'zod';
import { type Concept, conceptSchema, type Prediction, predictionSchema, type Reason, reasonSchema } from '../wire.ts';
import type { Position } from './position.ts';

/** Name of an object apart from its version. */
export interface ObjectName {
  readonly bucket: string;
  readonly key: string;
}

export type ImageState = z.output<typeof imageStateSchema>;
export type ImageRecord = z.output<typeof imageRecordSchema>;
export type Tombstone = z.output<typeof tombstoneSchema>;
/**
 * What the table holds about one image. Readers outside this folder and the tagging flow never see
 * a tombstone.
 */
export type Entry = ImageRecord | Tombstone;

/** The concepts of an answer. */
export interface ConceptFindings {
  readonly concepts: readonly Concept[];
  readonly concept: Concept | null;
}

/** How many predictions a record keeps, best first. */
export const RECORD_PREDICTIONS = 10;

/**
 * How many concepts a record keeps, the most specific first. ImageNet's rarely has 20; a hierarchy
 * of someone's own may have any number, and an item 400 kB in all.
 */
export const RECORD_CONCEPTS = 40;

/**
 * Longer than any queue keeps a message (14 days at most), so no late event brings a deleted image
 * back.
 */
export const TOMBSTONE_DAYS = 30;

/** Reasons come from errors about foreign files; an item may have 400 kB in all. */
const MAX_REASON_CHARACTERS = 1000;

/** DynamoDB refuses numbers closer to 0 than 1e-130. What is less is kept as 0. */
export const LEAST_STORED_PROBABILITY = 1e-100;

/**
 * State of an image that has a record. `tagged` and `rejected` (it cannot be classified) are final.
 * `failed` is our fault, and a later success at the same position replaces it. An image that waits
 * has no record.
 */
export const imageStateSchema = z.enum(['tagged', 'rejected', 'failed']);

const placeSchema = {
  bucket: z.string(),
  key: z.string(),
  versionId: z.string().nullable(),
  sequencer: z.string(),
  stage: z.union([z.literal(0), z.literal(1)]),
};

/** What a model says beyond its predictions. Items of earlier versions lack it. */
export const conceptFields = {
  /** The most specific first. */
  concepts: z.array(conceptSchema).default([]),
  /** The most specific one that was probable enough; null if there was none. */
  concept: z.nullable(conceptSchema).default(null),
};

/** The image's record. What is not known (of an image never read, or never decoded) is null. */
export const imageRecordSchema = z.object({
  ...placeSchema,
  /** Without quotes. */
  eTag: z.string().nullable(),
  /** SHA-256 of the object's bytes, 64 lower-case hex digits. */
  sha256: z.string().nullable(),
  /** Bytes. */
  size: z.int().nonnegative().nullable(),
  /**
   * ISO 8601, UTC. When the object was written, as S3 says. Records of earlier versions lack it,
   * and are not in the index by time.
   */
  lastModified: z.string().nullable().default(null),
  /** Pixels, after EXIF orientation. */
  width: z.int().nullable(),
  height: z.int().nullable(),
  format: z.string().nullable(),
  /** The model that classified the image, or that should have done so. */
  model: z.string(),
  /** SHA-256 of the `weights.bin` that classified the image. */
  modelSha256: z.string().nullable(),
  predictions: z.array(predictionSchema),
  ...conceptFields,
  state: imageStateSchema,
  /**
   * What the image has a row of the index for, in the order of the rows: ids of search concepts and
   * classes, five at most. Null in records of an earlier version, whose rows are those of labels.
   */
  rows: z.array(z.string()).nullable().default(null),
  reason: z.nullable(reasonSchema),
  /**
   * The heavy model that was asked for a second answer, which has stage 1; null if none was asked.
   */
  escalatedTo: z.string().nullable().default(null),
  /** ISO 8601, UTC. When the first record of this object was written; kept by later ones. */
  createdAt: z.string(),
  updatedAt: z.string(),
});

/** Stands for a deleted object until no event about it can still arrive. */
export const tombstoneSchema = z.object({
  ...placeSchema,
  /** ISO 8601, UTC. Present in tombstones only. */
  deletedAt: z.string(),
  /** Epoch seconds: DynamoDB removes the item some time later. */
  expiresAt: z.int(),
});

export const entrySchema = z.union([tombstoneSchema, imageRecordSchema]);

export function isTombstone(entry: Entry): entry is Tombstone {
  return 'deletedAt' in entry;
}

/** Whether the image failed: our fault, given up for now. Every other state is final. */
export function hasFailed(entry: Entry): boolean {
  return !isTombstone(entry) && entry.state === 'failed';
}

/**
 * Whether two versions are the same. S3 names the version of an object that was written without
 * versioning `null`, as text.
 */
export function isSameVersion(a: string | null, b: string | null): boolean {
  return (a ?? 'null') === (b ?? 'null');
}

/**
 * Makes a tombstone at `position`; `versionId` is that of the deleted version or of the delete
 * marker.
 */
export function toTombstone(
  name: ObjectName,
  versionId: string | null,
  { sequencer, stage }: Position,
  now: Date,
): Tombstone {
  return {
    bucket: name.bucket,
    key: name.key,
    versionId,
    sequencer,
    stage,
    deletedAt: now.toISOString(),
    expiresAt: Math.floor(now.getTime() / 1000) + TOMBSTONE_DAYS * 86_400,
  };
}

/** Returns the first `most` predictions in the form that an item keeps. A record keeps ten. */
export function toStoredPredictions(
  predictions: readonly Prediction[],
  most: number = RECORD_PREDICTIONS,
): Prediction[] {
  return predictions.slice(0, most).map(({ rank, label, wnid, index, probability }) => ({
    rank,
    // DynamoDB returns half a surrogate pair as U+FFFD, so it is stored as U+FFFD.
    label: Buffer.from(label).toString(),
    wnid,
    index,
    probability: probability < LEAST_STORED_PROBABILITY ? 0 : probability,
  }));
}

/** Returns the concepts in the form that an item keeps. */
export function toStoredConcepts({ concepts, concept }: ConceptFindings) {
  return {
    concepts: concepts.slice(0, RECORD_CONCEPTS).map(toStoredConcept),
    concept: concept && toStoredConcept(concept),
  };
}

function toStoredConcept({ id, label, probability }: Concept): Concept {
  return { id: Buffer.from(id).toString(), label: Buffer.from(label).toString(), probability };
}

export function toReason(code: string, message: string): Reason {
  return { code, message: message.slice(0, MAX_REASON_CHARACTERS) };
}
