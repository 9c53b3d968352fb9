/**
 * The answers of the HTTP API, declared once. Functions write them, the command line and the page
 * read them, and a test compares openapi.yaml with them. Readers drop fields that they do not know.
 * This file imports nothing but `zod/mini`, because the page bundles it.
 */
import * as z from 'zod/mini';

export type Prediction = Answer<typeof predictionSchema>;
export type Concept = Answer<typeof conceptSchema>;
export type Picture = Answer<typeof pictureSchema>;
export type Timings = Answer<typeof timingsSchema>;
export type Explanation = Answer<typeof explanationSchema>;
export type Classification = Answer<typeof classificationSchema>;
export type Knowledge = Answer<typeof knowledgeSchema>;
export type Reason = Answer<typeof reasonSchema>;
export type JobState = Job['state'];
export type Job = Answer<typeof jobSchema>;
export type ImageState = Image['state'];
export type Image = Answer<typeof imageSchema>;
export type ImageList = Answer<typeof imageListSchema>;
export type Upload = Answer<typeof uploadSchema>;
export type Model = Answer<typeof modelSchema>;
export type ModelList = Answer<typeof modelListSchema>;
export type LabelList = Answer<typeof labelListSchema>;
/** How to get a token, if the API needs one. */
export type Login = NonNullable<Health['auth']>;
export type Health = Answer<typeof healthSchema>;
export type ProblemCode = keyof typeof PROBLEMS;
export type Problem = Answer<typeof problemSchema>;

/** What a schema accepts; an answer is never changed. */
type Answer<Schema extends z.ZodMiniType> = Frozen<z.output<Schema>>;
type Frozen<Value> = Value extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : Value extends object
    ? { readonly [Name in keyof Value]: Frozen<Value[Name]> }
    : Value;

/** Every problem's `type` is this and its code. */
export const PROBLEM_TYPE_PREFIX = 'urn:autoswiftnet:problem:';

/** Status and title of every problem, by code. An error with any other code becomes `internal`. */
export const PROBLEMS = {
  'invalid-parameter': { status: 400, title: 'A parameter is wrong' },
  'malformed-body': { status: 400, title: 'The body cannot be read' },
  'foreign-host': { status: 403, title: 'The request was sent to another host' },
  'foreign-origin': { status: 403, title: 'Pages of this origin may not use the API' },
  'not-found': { status: 404, title: 'There is no such path' },
  'unknown-model': { status: 404, title: 'There is no such model' },
  'image-not-found': { status: 404, title: 'There is no such image' },
  'job-not-found': { status: 404, title: 'There is no such job' },
  'method-not-allowed': { status: 405, title: 'The path does not support this method' },
  'request-in-progress': { status: 409, title: 'The same request is still being answered' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'image-too-large': { status: 413, title: 'The picture has too many bytes' },
  'too-many-pixels': { status: 413, title: 'The picture has too many pixels' },
  'unsupported-media-type': { status: 415, title: 'The media type is not supported' },
  'unsupported-content-encoding': { status: 415, title: 'The Content-Encoding is not supported' },
  'not-an-image': { status: 415, title: 'The file is not a picture' },
  'unsupported-format': { status: 415, title: 'The format of the picture is not supported' },
  'truncated-image': { status: 422, title: 'The picture ends early or is damaged' },
  'idempotency-key-reused': { status: 422, title: 'The Idempotency-Key was used for another request' },
  internal: { status: 500, title: 'The request could not be answered' },
  'model-loading': { status: 503, title: 'The model is being loaded' },
  'table-busy': { status: 503, title: 'The table is busy' },
} as const;

const whole = z.int().check(z.minimum(0));
const count = z.int().check(z.minimum(1));
const share = z.number().check(z.minimum(0), z.maximum(1));
const milliseconds = z.number().check(z.minimum(0));
const time = z.iso.datetime();

export const formatSchema = z.enum(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif', 'heic']);

export const predictionSchema = z.object({
  /** 1 is the most probable. */
  rank: count,
  label: z.string(),
  /** WordNet id, where the labels are ImageNet's. */
  wnid: z.nullable(z.string().check(z.regex(/^n\d{8}$/))),
  /** The class in the model's output. */
  index: whole,
  /** Softmax over all classes. */
  probability: share,
});

/** A class, or what stands above classes, such as `dog` above 118 breeds. */
export const conceptSchema = z.object({
  /** WordNet id, or an id of the model's own hierarchy. */
  id: z.string(),
  label: z.string(),
  /** Sum over the classes below. */
  probability: share,
});

/** Facts about a picture apart from its pixels. */
export const pictureSchema = z.object({
  /** Pixels, after EXIF orientation. */
  width: count,
  height: count,
  format: formatSchema,
  /** Size of the file. */
  bytes: count,
});

/** Milliseconds. */
export const timingsSchema = z.object({
  /** Reading the object, if the request named a key. */
  read: z.optional(milliseconds),
  decode: milliseconds,
  run: milliseconds,
  explain: z.optional(milliseconds),
  total: milliseconds,
});

/** Where in the picture the most probable class was seen. */
export const explanationSchema = z.object({
  label: z.string(),
  index: whole,
  /** The part of the picture that the model saw, in pixels of the picture. */
  region: z.object({
    left: z.number().check(z.minimum(0)),
    top: z.number().check(z.minimum(0)),
    width: z.number().check(z.positive()),
    height: z.number().check(z.positive()),
  }),
  /** A PNG to lay over the whole picture, stretched to its size. */
  overlay: z.object({ contentType: z.literal('image/png'), width: count, height: count, base64: z.base64() }),
});

/** What a model knows, if that is less than photographs of all its labels. */
export const knowledgeSchema = z.object({
  pictures: z.enum(['drawings']),
  /** Number of labels that it can tell apart. */
  things: count,
  /** The same in words, and what to do. */
  note: z.string(),
  /** Shell command that gets a model of photographs. */
  command: z.string(),
});

/** What a model says about a picture. */
const findings = {
  /** The model that answered. */
  model: z.string(),
  predictions: z.array(predictionSchema).check(z.minLength(1)),
  /** Those of at least 0.1, the most specific first; empty if the model has no hierarchy. */
  concepts: z.array(conceptSchema),
  /** The most specific concept that is probable enough. */
  concept: z.nullable(conceptSchema),
  image: pictureSchema,
  /** Null unless requested. */
  explanation: z.nullable(explanationSchema),
};

export const classificationSchema = z.object({
  ...findings,
  /** Null if the model knows photographs. */
  knows: z.nullable(knowledgeSchema),
  timings: timingsSchema,
  /**
   * With `model=auto`, the heavy model's job when the small one was not sure. `job` is its path.
   */
  escalated: z.nullable(z.object({ model: z.string(), jobId: z.string(), job: z.string() })),
});

/** Why a picture was rejected, or why it failed. `code` is an error's stable code. */
export const reasonSchema = z.object({ code: z.string(), message: z.string() });

/**
 * `queued`: sent. `running`: a worker has it. `done`: it has a `result`. `rejected`: the picture
 * cannot be classified. `failed`: our fault, given up for now. The last two have a `reason`.
 */
export const jobStateSchema = z.enum(['queued', 'running', 'done', 'rejected', 'failed']);

export const jobSchema = z.object({
  id: z.string(),
  state: jobStateSchema,
  model: z.string(),
  createdAt: time,
  updatedAt: time,
  result: z.nullable(z.object(findings)),
  reason: z.nullable(reasonSchema),
});

/** An image of the bucket. Unknown facts are null. */
export const imageSchema = z.object({
  id: z.string().check(z.regex(/^[A-Za-z0-9_-]+$/)),
  key: z.string(),
  /** A presigned GET, valid for five minutes. */
  url: z.url(),
  urlExpiresAt: time,
  /** `pending`: not looked at yet. `rejected`: it cannot be classified. `failed`: our fault. */
  state: z.enum(['pending', 'tagged', 'rejected', 'failed']),
  model: z.nullable(z.string()),
  /** The best ten; empty unless `tagged`. */
  predictions: z.array(predictionSchema).check(z.maxLength(10)),
  concepts: z.array(conceptSchema),
  concept: z.nullable(conceptSchema),
  /** Bytes. */
  size: z.nullable(z.int()),
  /** Pixels, after EXIF orientation. */
  width: z.nullable(z.int()),
  height: z.nullable(z.int()),
  format: z.nullable(formatSchema),
  reason: z.nullable(reasonSchema),
  /** When the object was written. */
  lastModified: z.nullable(time),
  createdAt: z.nullable(time),
  updatedAt: z.nullable(time),
  /**
   * By what a search found the image. `rank` is the label's place among the predictions; null for a
   * concept.
   */
  match: z.optional(z.object({ label: z.string(), rank: z.nullable(count.check(z.maximum(10))), probability: share })),
});

export const imageListSchema = z.object({
  images: z.array(imageSchema),
  /** For the next page; null when there is none. */
  cursor: z.nullable(z.string()),
});

/** A presigned POST for one key. */
export const uploadSchema = z.object({
  id: z.string().check(z.regex(/^[A-Za-z0-9_-]+$/)),
  key: z.string().check(z.regex(/(^|\/)uploads\/[0-9a-f-]{36}\.[a-z]+$/)),
  url: z.url(),
  fields: z.record(z.string(), z.string()),
  maxBytes: count,
  expiresAt: time,
});

/** A model. Facts are null if they are not known because the model runs elsewhere. */
export const modelSchema = z.object({
  name: z.string(),
  /** `now`: answers at once. `queued`: a heavy model, which answers by a job. */
  runs: z.enum(['now', 'queued']),
  precision: z.nullable(z.enum(['fp32', 'int8', 'fp16'])),
  parameters: z.nullable(z.int()),
  /** Number of multiply-accumulate operations for one image. */
  macs: z.nullable(z.int()),
  classes: z.nullable(z.int()),
  /** In percent, as the authors published it. */
  publishedTop1: z.nullable(z.number()),
  publishedTop5: z.nullable(z.number()),
  license: z.nullable(z.string()),
  /** What the model knows, if that is less than photographs of all its labels. */
  knows: z.nullable(knowledgeSchema),
});

export const modelListSchema = z.object({
  models: z.array(modelSchema).check(z.minLength(1)),
  /** The model that answers a request without `model`. */
  default: z.string(),
  /** Whether `model=auto` can go to a heavy model. */
  auto: z.boolean(),
});

/** What a search for images finds: labels of the models, and the concepts above them. */
export const labelListSchema = z.object({
  labels: z.array(
    z.object({
      /** WordNet id; null if the model's labels have none. */
      id: z.nullable(z.string().check(z.regex(/^n\d{8}$/))),
      label: z.string(),
      synonyms: z.array(z.string()),
      /** `label`: a class of a model. `concept`: it stands above classes, as `dog` does. */
      kind: z.enum(['label', 'concept']),
    }),
  ),
});

export const healthSchema = z.object({
  status: z.enum(['starting', 'ok', 'stopping']),
  version: z.string(),
  models: z.array(z.string()),
  /** Null if the API needs no token. */
  auth: z.nullable(
    z.object({
      /** OpenID Connect, with discovery. */
      issuer: z.url(),
      /** A public client: authorization code with PKCE. */
      clientId: z.string(),
      /** The audience to request, if the issuer needs one. */
      audience: z.nullable(z.string()),
    }),
  ),
  limits: z.object({
    /** Most bytes of a picture in `POST /classify`. */
    requestBytes: z.int(),
    /** Most bytes of a picture that is uploaded by `POST /uploads` or classified by key. */
    uploadBytes: z.int(),
    /** The media types that `POST /uploads` accepts. */
    contentTypes: z.array(z.string()),
  }),
  /**
   * Address of a service of the local stack, like the next three fields. A deployed API has none.
   */
  endpoints: z.optional(z.record(z.string(), z.url())),
  bucket: z.optional(z.string()),
  queues: z.optional(z.record(z.string(), z.url())),
  table: z.optional(z.string()),
});

/** An RFC 9457 problem of the API itself. */
export const problemSchema = z.object({
  type: z.enum(Object.keys(PROBLEMS).map((code) => `${PROBLEM_TYPE_PREFIX}${code}`)),
  title: z.string(),
  status: z.int().check(z.minimum(400), z.maximum(599)),
  detail: z.string(),
  /** The path of the request. */
  instance: z.optional(z.string()),
  requestId: z.optional(z.string()),
  /** With `invalid-parameter`: the name of the parameter. */
  parameter: z.optional(z.string()),
  /** With `unknown-model`: the existing names. */
  models: z.optional(z.array(z.string())),
  /**
   * With `unsupported-media-type`: the accepted media types. With `unsupported-content-encoding`:
   * the accepted encodings.
   */
  accepted: z.optional(z.array(z.string())),
});

/**
 * A problem as readers accept it. A newer API has codes that are not listed here, and a proxy
 * before the API has problems of its own.
 */
export const anyProblemSchema = z.partial(
  z.extend(z.pick(problemSchema, { title: true, detail: true }), { type: z.string() }),
);

/** What API Gateway answers by itself, before the function is reached. */
export const gatewayMessageSchema = z.object({ message: z.string() });
