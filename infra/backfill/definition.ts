import { FUNCTION_TIMEOUT_SECONDS, MAX_BATCH_BYTES, MAX_ITEMS_PER_BATCH } from '../../functions/backfill/batch.ts';
import { InvalidRunRequestError, MalformedCallError, TooManyFailuresError } from '../../functions/backfill/errors.ts';
import { BACKFILL_PREFIX } from '../../functions/backfill/result-keys.ts';

export interface DefinitionProps {
  /** `aws`, or that of the region. */
  readonly partition: string;
  /** ARN of the function's alias. */
  readonly functionArn: string;
  readonly serviceBucketName: string;
  /** Batches at the same time, if a run does not say. */
  readonly defaultConcurrency: number;
  /** The only bucket whose inventories may be read; null: none. */
  readonly inventoryBucket: string | null;
}

/** The two maps: of the bucket's listing, and of an inventory. Their executions have these names. */
export const MAP_LABELS = ['TagListed', 'TagInventoried'] as const;

/** Time for the call itself, beside the function's. */
const CALL_SECONDS = 60;

/**
 * What the Lambda service reports when it is busy or at fault. Batches wait for their turn, however
 * long uploads need the account's concurrency:
 * https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
 */
const SERVICE_FAULTS = [
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.TooManyRequestsException',
];

/**
 * The function's process ended without a word, or took too long. Older runtimes say `Lambda.Unknown`
 * for each of them:
 * https://docs.aws.amazon.com/step-functions/latest/dg/bp-lambda-serviceexception.html
 */
const CRASHES = ['Lambda.Unknown', 'Sandbox.Timedout', 'Runtime.ExitError', 'Runtime.OutOfMemory', 'States.Timeout'];

const RETRY = [
  { ErrorEquals: [InvalidRunRequestError.name, MalformedCallError.name], MaxAttempts: 0 },
  {
    ErrorEquals: SERVICE_FAULTS,
    IntervalSeconds: 2,
    BackoffRate: 2,
    MaxDelaySeconds: 300,
    MaxAttempts: 20,
    JitterStrategy: 'FULL',
  },
  // A service behind the function may be busy for a minute.
  {
    ErrorEquals: [TooManyFailuresError.name],
    IntervalSeconds: 30,
    BackoffRate: 2,
    MaxAttempts: 2,
    JitterStrategy: 'FULL',
  },
  // What ends the process once may be the machine. What ends it twice is in the batch.
  { ErrorEquals: CRASHES, IntervalSeconds: 5, MaxAttempts: 1 },
  { ErrorEquals: ['States.ALL'], IntervalSeconds: 5, BackoffRate: 2, MaxAttempts: 2 },
];

/** Step Functions calls the field of a listing `Etag`, S3 `ETag`. */
const LISTED_ITEM = jsonata(`(
  $item := $states.context.Map.Item.Value;
  {
    'key': $item.Key,
    'eTag': $replace($item.(Etag ? Etag : ETag), '"', ''),
    'size': $item.Size,
    'storageClass': $item.StorageClass
  }
)`);

/** An inventory has the fields that it was set up to have. */
const INVENTORIED_ITEM = jsonata(`(
  $item := $states.context.Map.Item.Value;
  {
    'bucket': $item.Bucket,
    'encodedKey': $item.Key,
    'eTag': $replace($item.ETag, '"', ''),
    'size': $item.Size,
    'storageClass': $item.StorageClass,
    'isLatest': $item.IsLatest,
    'isDeleteMarker': $item.IsDeleteMarker,
    'accessTier': $item.IntelligentTieringAccessTier
  }
)`);

/**
 * Whether an earlier attempt at a call may have ended in its middle. Step Functions counts the
 * attempts of a state, and how often an execution was redriven.
 */
const IS_REPEATED = jsonata(`
  $states.input.BatchInput.isRepeated or
  $states.context.State.RetryCount > 0 or
  ($exists($states.context.Execution.RedriveCount) and $states.context.Execution.RedriveCount > 0)
`);

const WAITING = '$states.input.BatchInput.waiting';
const HALF = '$floor($count($states.input.Items) / 2)';
const FIRST_HALF = `$filter($states.input.Items, function($item, $index) { $index < ${HALF} })`;
const SECOND_HALF = `$filter($states.input.Items, function($item, $index) { $index >= ${HALF} })`;

/** What a call about a batch says. */
const CALL = {
  run: jsonata('$states.input.BatchInput.run'),
  batch: jsonata('$states.context.Execution.Name'),
  call: jsonata('$states.input.BatchInput.call'),
  items: jsonata('$states.input.Items'),
};

/**
 * Makes the state machine of the backfill, in the Amazon States Language. The function checks the
 * run; a distributed map reads the bucket's listing or an inventory; each batch is an execution of
 * its own, which calls the function until nothing is left:
 * https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
 */
export function backfillDefinition(props: DefinitionProps) {
  return {
    Comment: 'Tags what is already in the bucket',
    QueryLanguage: 'JSONata',
    StartAt: 'Prepare',
    States: {
      Prepare: {
        ...callOf(props, {
          action: 'prepare',
          runId: jsonata('$states.context.Execution.Name'),
          request: jsonata('$states.context.Execution.Input'),
          defaultConcurrency: props.defaultConcurrency,
          inventoryBucket: props.inventoryBucket,
        }),
        Output: jsonata('$states.result.Payload'),
        Next: 'WhichSource',
      },
      WhichSource: {
        Type: 'Choice',
        Choices: [{ Condition: jsonata("$states.input.source.kind = 'inventory'"), Next: 'TagInventoried' }],
        Default: 'TagListed',
      },
      TagListed: mapOf(props, 'TagListed', LISTED_ITEM, {
        Resource: `arn:${props.partition}:states:::s3:listObjectsV2`,
        Arguments: { Bucket: jsonata('$states.input.bucket'), Prefix: jsonata('$states.input.prefix') },
      }),
      TagInventoried: mapOf(props, 'TagInventoried', INVENTORIED_ITEM, {
        Resource: `arn:${props.partition}:states:::s3:getObject`,
        ReaderConfig: { InputType: 'MANIFEST' },
        Arguments: {
          Bucket: jsonata('$states.input.source.bucket'),
          Key: jsonata('$states.input.source.manifestKey'),
        },
      }),
    },
  };
}

function mapOf(props: DefinitionProps, label: (typeof MAP_LABELS)[number], itemSelector: string, itemReader: object) {
  return {
    Type: 'Map',
    Label: label,
    MaxConcurrency: jsonata('$states.input.concurrency'),
    ToleratedFailurePercentage: jsonata('$states.input.toleratedFailureShare * 100'),
    ItemReader: itemReader,
    ItemSelector: itemSelector,
    ItemBatcher: {
      MaxItemsPerBatch: MAX_ITEMS_PER_BATCH,
      MaxInputBytesPerBatch: MAX_BATCH_BYTES,
      BatchInput: { run: jsonata('$states.input'), call: 0, isRepeated: false, waiting: [] },
    },
    ItemProcessor: {
      // An express execution ends after five minutes, and cannot be redriven.
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      ...batchOf(props, label),
    },
    ResultWriter: {
      Resource: `arn:${props.partition}:states:::s3:putObject`,
      Arguments: {
        Bucket: props.serviceBucketName,
        Prefix: jsonata(`'${BACKFILL_PREFIX}' & $states.input.runId & '/batches'`),
      },
      // Without the input of each batch, which has all of its keys.
      WriterConfig: { OutputType: 'JSONL', Transformation: 'COMPACT' },
    },
    End: true,
  };
}

/**
 * The execution of one batch. What ends the function's process is searched for by halves, so that it
 * takes nothing else with it: the other half waits. An item that does so alone is given up. No two
 * states of a state machine may have the same name.
 */
function batchOf(props: DefinitionProps, label: string) {
  const name = (what: string) => `${label}${what}`;
  return {
    StartAt: name('Batch'),
    States: {
      [name('Batch')]: {
        ...callOf(props, { action: 'tag', ...CALL, isRepeated: IS_REPEATED }),
        Output: afterCall(jsonata('$states.result.Payload.unfinished')),
        Catch: [
          {
            ErrorEquals: CRASHES,
            Output: afterCall(jsonata('$states.input.Items')),
            Next: name('IsAlone'),
          },
        ],
        Next: name('IsFinished'),
      },
      [name('IsAlone')]: {
        Type: 'Choice',
        Choices: [{ Condition: jsonata('$count($states.input.Items) > 1'), Next: name('Halve') }],
        Default: name('GiveUp'),
      },
      [name('Halve')]: {
        Type: 'Pass',
        Output: {
          BatchInput: { ...batchInput('call'), isRepeated: true, waiting: jsonata(`[${SECOND_HALF}, ${WAITING}]`) },
          Items: jsonata(`[${FIRST_HALF}]`),
        },
        Next: name('Batch'),
      },
      [name('GiveUp')]: {
        ...callOf(props, { action: 'give-up', ...CALL }),
        Output: afterCall([]),
        Next: name('IsFinished'),
      },
      [name('IsFinished')]: {
        Type: 'Choice',
        Choices: [
          { Condition: jsonata('$count($states.input.Items) > 0'), Next: name('Batch') },
          { Condition: jsonata(`$count(${WAITING}) > 0`), Next: name('TakeWaiting') },
        ],
        Default: name('Finished'),
      },
      [name('TakeWaiting')]: {
        Type: 'Pass',
        Output: {
          BatchInput: { ...batchInput('call'), isRepeated: true, waiting: [] },
          Items: jsonata(WAITING),
        },
        Next: name('Batch'),
      },
      [name('Finished')]: { Type: 'Succeed', Output: { calls: jsonata('$states.input.BatchInput.call') } },
    },
  };
}

/** What is left of the batch after a call. */
function afterCall(items: unknown) {
  return {
    BatchInput: {
      ...batchInput('call + 1'),
      isRepeated: jsonata('$states.input.BatchInput.isRepeated'),
      waiting: jsonata(WAITING),
    },
    Items: items,
  };
}

function batchInput(call: string) {
  return { run: jsonata('$states.input.BatchInput.run'), call: jsonata(`$states.input.BatchInput.${call}`) };
}

function callOf({ partition, functionArn }: DefinitionProps, payload: object) {
  return {
    Type: 'Task',
    Resource: `arn:${partition}:states:::lambda:invoke`,
    Arguments: { FunctionName: functionArn, Payload: payload },
    TimeoutSeconds: FUNCTION_TIMEOUT_SECONDS + CALL_SECONDS,
    Retry: RETRY,
  };
}

function jsonata(expression: string): string {
  return `{% ${expression.replaceAll(/\s*\n\s*/g, ' ').trim()} %}`;
}
