import * as z from 'zod/mini';

// The page's content security policy forbids compiling code at run time, which zod tries by
// default.
z.config({ jitless: true });

/** The parts of openapi.yaml's answers that the page reads. Other fields are ignored. */

const predictionSchema = z.object({
  rank: z.number(),
  label: z.string(),
  probability: z.number(),
});
export type Prediction = z.infer<typeof predictionSchema>;

const pictureFactsSchema = z.object({
  /** Pixels, after EXIF orientation. */
  width: z.number(),
  height: z.number(),
  format: z.string(),
  bytes: z.number(),
});
export type PictureFacts = z.infer<typeof pictureFactsSchema>;

const explanationSchema = z.object({
  label: z.string(),
  /** The part of the picture that the model saw, in pixels of the picture. */
  region: z.object({ left: z.number(), top: z.number(), width: z.number(), height: z.number() }),
  /** A PNG that is laid over the whole picture. */
  overlay: z.object({ contentType: z.literal('image/png'), base64: z.string().check(z.regex(/^[A-Za-z0-9+/]+=*$/)) }),
});
export type ActivationMap = z.infer<typeof explanationSchema>;

const reasonSchema = z.object({ code: z.string(), message: z.string() });
export type Reason = z.infer<typeof reasonSchema>;

const findingsShape = {
  model: z.string(),
  predictions: z.array(predictionSchema),
  image: pictureFactsSchema,
  explanation: z.nullable(explanationSchema),
};

export const classificationSchema = z.object({
  ...findingsShape,
  /** Milliseconds. */
  timings: z.object({ decode: z.number(), run: z.number(), total: z.number() }),
  /** The job of the heavy model, if the small model was not sure. */
  escalated: z.nullable(z.object({ model: z.string(), jobId: z.string() })),
});
export type Classification = z.infer<typeof classificationSchema>;

export const jobSchema = z.object({
  id: z.string(),
  state: z.enum(['queued', 'running', 'done', 'rejected', 'failed']),
  model: z.string(),
  result: z.nullable(z.object(findingsShape)),
  reason: z.nullable(reasonSchema),
});
export type Job = z.infer<typeof jobSchema>;

export const imageSchema = z.object({
  id: z.string(),
  key: z.string(),
  /** Valid for five minutes. */
  url: z.string(),
  state: z.enum(['pending', 'tagged', 'rejected', 'failed']),
  model: z.nullable(z.string()),
  predictions: z.array(predictionSchema),
  size: z.nullable(z.number()),
  width: z.nullable(z.number()),
  height: z.nullable(z.number()),
  format: z.nullable(z.string()),
  reason: z.nullable(reasonSchema),
  updatedAt: z.nullable(z.string()),
  /** The label that a search found. */
  match: z.optional(z.object({ label: z.string(), rank: z.number(), probability: z.number() })),
});
export type BucketImage = z.infer<typeof imageSchema>;

export const imageListSchema = z.object({
  images: z.array(imageSchema),
  cursor: z.nullable(z.string()),
});
export type ImageList = z.infer<typeof imageListSchema>;

export const uploadSchema = z.object({
  id: z.string(),
  key: z.string(),
  url: z.string(),
  fields: z.record(z.string(), z.string()),
});
export type Upload = z.infer<typeof uploadSchema>;

const modelSchema = z.object({
  name: z.string(),
  runs: z.enum(['now', 'queued']),
  precision: z.nullable(z.string()),
  parameters: z.nullable(z.number()),
  publishedTop1: z.nullable(z.number()),
  license: z.nullable(z.string()),
});
export type Model = z.infer<typeof modelSchema>;

export const modelListSchema = z.object({
  models: z.array(modelSchema),
  /** The model that answers if none is named. */
  default: z.string(),
  /** Whether `model=auto` can go to a heavy model. */
  auto: z.boolean(),
});
export type ModelList = z.infer<typeof modelListSchema>;

export const healthSchema = z.object({
  status: z.enum(['starting', 'ok', 'stopping']),
  version: z.string(),
  /** Null if nobody has to log in. */
  auth: z.nullable(z.object({ issuer: z.string(), clientId: z.string(), audience: z.nullable(z.string()) })),
  limits: z.object({
    /** Largest picture in bytes for `POST /classify`. Larger ones are uploaded to the bucket. */
    requestBytes: z.number(),
    uploadBytes: z.number(),
    /** Media types that the bucket accepts. */
    contentTypes: z.array(z.string()),
  }),
});
export type Health = z.infer<typeof healthSchema>;
export type LoginSettings = NonNullable<Health['auth']>;
