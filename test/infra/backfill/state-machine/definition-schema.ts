import * as z from 'zod';

/**
 * The part of the Amazon States Language that this driver understands, in JSONata. A definition that
 * has anything else is refused, so that nothing in it is passed over:
 * https://states-language.net/spec.html
 */
const retrierSchema = z.strictObject({
  ErrorEquals: z.array(z.string()).min(1),
  IntervalSeconds: z.number().default(1),
  BackoffRate: z.number().default(2),
  MaxAttempts: z.int().default(3),
  MaxDelaySeconds: z.int().optional(),
  JitterStrategy: z.enum(['FULL', 'NONE']).default('NONE'),
});

const INVOKE = /^arn:[^:]+:states:::lambda:invoke$/;
const LIST = /^arn:[^:]+:states:::s3:listObjectsV2$/;
const GET = /^arn:[^:]+:states:::s3:getObject$/;
const PUT = /^arn:[^:]+:states:::s3:putObject$/;
const expression = z.string().regex(/^\{%.*%\}$/s);
const numberOrExpression = z.union([z.number(), expression]);

const taskSchema = z.strictObject({
  Type: z.literal('Task'),
  Resource: z.string().regex(INVOKE),
  Arguments: z.strictObject({ FunctionName: z.string(), Payload: z.unknown() }),
  TimeoutSeconds: z.int(),
  Retry: z.array(retrierSchema),
  Catch: z
    .array(z.strictObject({ ErrorEquals: z.array(z.string()).min(1), Output: z.unknown(), Next: z.string() }))
    .default([]),
  Output: z.unknown(),
  Next: z.string(),
});

const passSchema = z.strictObject({ Type: z.literal('Pass'), Output: z.unknown(), Next: z.string() });

const choiceSchema = z.strictObject({
  Type: z.literal('Choice'),
  Choices: z.array(z.strictObject({ Condition: expression, Next: z.string() })),
  Default: z.string(),
});

const succeedSchema = z.strictObject({ Type: z.literal('Succeed'), Output: z.unknown() });

const batchStateSchema = z.discriminatedUnion('Type', [taskSchema, passSchema, choiceSchema, succeedSchema]);

const readerSchema = z.union([
  z.strictObject({
    Resource: z.string().regex(LIST),
    Arguments: z.strictObject({ Bucket: z.string(), Prefix: z.string() }),
  }),
  z.strictObject({
    Resource: z.string().regex(GET),
    ReaderConfig: z.strictObject({ InputType: z.literal('MANIFEST') }),
    Arguments: z.strictObject({ Bucket: z.string(), Key: z.string() }),
  }),
]);

const mapSchema = z.strictObject({
  Type: z.literal('Map'),
  Label: z.string().max(40),
  MaxConcurrency: numberOrExpression,
  ToleratedFailurePercentage: numberOrExpression,
  ItemReader: readerSchema,
  ItemSelector: z.unknown(),
  ItemBatcher: z.strictObject({
    MaxItemsPerBatch: z.int(),
    MaxInputBytesPerBatch: z.int().max(262_144),
    BatchInput: z.unknown(),
  }),
  ItemProcessor: z.strictObject({
    ProcessorConfig: z.strictObject({ Mode: z.literal('DISTRIBUTED'), ExecutionType: z.literal('STANDARD') }),
    StartAt: z.string(),
    States: z.record(z.string(), batchStateSchema),
  }),
  ResultWriter: z.strictObject({
    Resource: z.string().regex(PUT),
    Arguments: z.strictObject({ Bucket: z.string(), Prefix: z.string() }),
    WriterConfig: z.strictObject({ OutputType: z.literal('JSONL'), Transformation: z.literal('COMPACT') }),
  }),
  End: z.literal(true),
});

const stateSchema = z.discriminatedUnion('Type', [taskSchema, passSchema, choiceSchema, succeedSchema, mapSchema]);

export const definitionSchema = z.strictObject({
  Comment: z.string(),
  QueryLanguage: z.literal('JSONata'),
  StartAt: z.string(),
  States: z.record(z.string(), stateSchema),
});

export type Retrier = z.output<typeof retrierSchema>;
export type TaskState = z.output<typeof taskSchema>;
export type MapState = z.output<typeof mapSchema>;
export type State = z.output<typeof stateSchema>;
