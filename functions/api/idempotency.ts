import { createHash, randomUUID } from 'node:crypto';
import {
  IdempotencyAlreadyInProgressError,
  IdempotencyConfig,
  IdempotencyValidationError,
  makeIdempotent,
} from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Context } from 'aws-lambda';
import { TABLE_SCHEMA } from '../records/table-schema.ts';
import { IdempotencyKeyReusedError, InvalidParameterError, RequestInProgressError } from './errors.ts';
import type { ApiRequest } from './request.ts';
import type { ApiResponse } from './response.ts';

/**
 * Answers the first request with an Idempotency-Key. Every later request with that key gets the
 * same answer, unless its body has more than 390,000 bytes: such an answer is made again.
 */
export type AnswerOnce = (
  request: ApiRequest,
  context: Context,
  act: () => Promise<ApiResponse>,
  /** How long the answer is kept. Default an hour. */
  keptSeconds?: number,
) => Promise<ApiResponse>;

const KEPT_SECONDS = 3600;

/** An item of DynamoDB has 409,600 bytes at most, and the answer's headers are in it, too. */
const MAX_KEPT_BYTES = 390_000;

const HEADER = 'idempotency-key';

/**
 * `pk` of all kept answers. Their `sk` is the key's hash, by which DynamoDB can split a busy
 * partition.
 */
const PARTITION = 'IDEMPOTENCY';

/** A classification takes a second at most. */
const RETRY_AFTER_SECONDS = 1;

/** Takes an answer past Powertools, which keeps each answer, and nothing after an error. */
class TooLargeToKeep extends Error {
  readonly answer: ApiResponse;

  constructor(answer: ApiResponse) {
    super('the answer is too large to be kept');
    this.answer = answer;
  }
}

/**
 * Keeps answers in the table, with Powertools' idempotency. A key belongs to its caller and to the
 * route. Errors are not kept, so a failed request may be sent again.
 */
export function openIdempotency(client: DynamoDBClient, tableName: string): AnswerOnce {
  // A layer of Powertools takes its time from its first request, and never another.
  const stores = new Map<number, DynamoDBPersistenceLayer>();
  return async (request, context, act, keptSeconds = KEPT_SECONDS) => {
    const key = readKey(request);
    if (key === null) return act();
    const persistenceStore = stores.get(keptSeconds) ?? openStore(client, tableName);
    stores.set(keptSeconds, persistenceStore);
    const config = new IdempotencyConfig({
      eventKeyJmesPath: 'key',
      payloadValidationJmesPath: 'request',
      hashFunction: 'sha256',
      expiresAfterSeconds: keptSeconds,
      throwOnNoIdempotencyKey: true,
      lambdaContext: context,
    });
    const once = makeIdempotent(
      (_identity: { key: readonly (string | null)[]; request: string }, work: () => Promise<ApiResponse>) => work(),
      { persistenceStore, config, dataIndexArgument: 0, keyPrefix: PARTITION },
    );
    try {
      return await once({ key: identityOf(request, key), request: digestOf(request) }, async () => {
        const answer = await act();
        if (Buffer.byteLength(answer.body ?? '') > MAX_KEPT_BYTES) throw new TooLargeToKeep(answer);
        return answer;
      });
    } catch (error) {
      if (error instanceof TooLargeToKeep) return error.answer;
      if (error instanceof IdempotencyAlreadyInProgressError)
        throw new RequestInProgressError(RETRY_AFTER_SECONDS, error);
      if (error instanceof IdempotencyValidationError) throw new IdempotencyKeyReusedError(error);
      throw error;
    }
  };
}

function openStore(client: DynamoDBClient, tableName: string): DynamoDBPersistenceLayer {
  return new DynamoDBPersistenceLayer({
    tableName,
    awsSdkV3Client: client,
    keyAttr: TABLE_SCHEMA.partitionKey.name,
    sortKeyAttr: TABLE_SCHEMA.sortKey.name,
    staticPkValue: PARTITION,
    expiryAttr: TABLE_SCHEMA.timeToLiveAttribute,
    inProgressExpiryAttr: 'inProgressUntil',
    dataAttr: 'answer',
    validationKeyAttr: 'request',
  });
}

/**
 * Returns the id of the job that a request makes. With an Idempotency-Key the same request always
 * has the same id, so a crash between the job and the kept answer does not make a second job.
 */
export function jobIdOf(request: ApiRequest): string {
  const key = readKey(request);
  if (key === null) return randomUUID();
  const identity = JSON.stringify([...identityOf(request, key), digestOf(request)]);
  return createHash('sha256').update(identity).digest('base64url');
}

/**
 * Reads the Idempotency-Key; null if there is none.
 * @throws {InvalidParameterError} unless it is 1 to 255 visible ASCII characters
 */
function readKey({ headers }: ApiRequest): string | null {
  const key = headers[HEADER];
  if (key === undefined || /^[\x21-\x7e]{1,255}$/.test(key)) return key ?? null;
  throw new InvalidParameterError('Idempotency-Key', 'the key must be 1 to 255 visible ASCII characters');
}

function identityOf({ principal, method, path }: ApiRequest, key: string): (string | null)[] {
  return [principal, method, path, key];
}

/** Returns a digest of everything that decides the answer. */
function digestOf({ query, bucket, contentType, body }: ApiRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([query.toString(), contentType, ...(bucket === undefined ? [] : [bucket])]))
    .update(body.bytes())
    .digest('base64url');
}
