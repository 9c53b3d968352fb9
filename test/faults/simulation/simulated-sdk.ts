import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Fate, Service, Treatment } from '../fault-plan.ts';
import { forever, lives } from './life.ts';
import { toBody } from './memory-s3.ts';
import type { VirtualTime } from './virtual-time.ts';

interface Command {
  readonly input: object;
  readonly constructor: { readonly name: string };
}

type Answer = Record<string, unknown>;

/** Does a call, at once or after a wait of its own. */
export type Serve = (service: Service, operation: string, input: object, isPlain: boolean) => Answer | Promise<Answer>;

export interface SimulatedSdkOptions {
  readonly time: VirtualTime;
  readonly serve: Serve;
  /** What happens to a call of a process. */
  readonly treat: (service: Service, operation: string) => Treatment;
  /** Is told of each attempt at a call of a process, and what becomes of it. */
  readonly onCall: (service: Service, operation: string, fate: Fate, input: object) => void;
}

/** The names of lib-dynamodb, where DynamoDB has another. */
const OPERATIONS: Readonly<Record<string, string>> = {
  Get: 'GetItem',
  Put: 'PutItem',
  Delete: 'DeleteItem',
  Update: 'UpdateItem',
  BatchGet: 'BatchGetItem',
};

/**
 * As the SDK's standard retry mode: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-
 * behavior.html
 */
const ATTEMPTS = 3;
const FIRST_BACKOFF_MS = 100;
/** A call of the simulation itself, of users for example. */
const NO_TREATMENT: Treatment = { delayMs: 0, fate: 'pass' };

/**
 * Replaces `send` of the SDK's clients: calls go to services in this process. A call arrives after
 * half of its delay, and its answer comes after the other half. A busy or broken service is tried
 * again as the SDK does it.
 * @returns a function that puts the real `send` back
 */
export function installSdk({ time, serve, treat, onCall }: SimulatedSdkOptions): () => void {
  async function send(service: Service, isPlain: boolean, command: Command, signal?: AbortSignal): Promise<Answer> {
    const name = command.constructor.name.replace(/Command$/, '');
    const operation = isPlain ? (OPERATIONS[name] ?? name) : name;
    const isOfProcess = lives.getStore() !== undefined;
    for (let attempt = 1; ; attempt += 1) {
      const treatment = isOfProcess ? treat(service, operation) : NO_TREATMENT;
      if (isOfProcess) onCall(service, operation, treatment.fate, command.input);
      try {
        return await ofTheLiving(abortable(signal, () => once(service, operation, command.input, isPlain, treatment)));
      } catch (error) {
        if (!isTransient(error) || attempt === ATTEMPTS) throw error;
        await time.wait(FIRST_BACKOFF_MS * 2 ** attempt);
      }
    }
  }

  async function once(
    service: Service,
    operation: string,
    input: object,
    isPlain: boolean,
    { delayMs, fate }: Treatment,
  ) {
    // What is on its way arrives, whatever becomes of its sender.
    const call = () => lives.run(undefined, async () => serve(service, operation, structuredClone(input), isPlain));
    if (delayMs > 0) await lives.run(undefined, () => time.wait(delayMs / 2));
    if (fate === 'refuse') throw serviceError(service, 'SlowDown', service === 's3' ? 503 : 400);
    if (fate === 'throttle') throw serviceError(service, 'TooManyRequestsException', 429);
    if (fate === 'fail') throw serviceError(service, 'InternalError', 500);
    if (fate === 'drop') throw connectionError();
    const answer = await call();
    if (fate === 'duplicate') await call().catch(() => {});
    if (delayMs > 0) await lives.run(undefined, () => time.wait(delayMs / 2));
    if (fate !== 'reset' && fate !== 'cut') return answer;
    if (operation !== 'GetObject') throw connectionError();
    return { ...answer, Body: cutBody(answer['Body'], fate) };
  }

  const restored = [
    replaceSend(S3Client.prototype, (command, signal) => send('s3', false, command, signal)),
    replaceSend(DynamoDBClient.prototype, (command, signal) => send('dynamodb', false, command, signal)),
    replaceSend(DynamoDBDocumentClient.prototype, (command, signal) => send('dynamodb', true, command, signal)),
    replaceSend(SQSClient.prototype, (command, signal) => send('sqs', false, command, signal)),
    replaceSend(SNSClient.prototype, (command, signal) => send('sns', false, command, signal)),
  ];
  return () => {
    for (const restore of restored) restore();
  };
}

function replaceSend(prototype: object, send: (command: Command, signal?: AbortSignal) => Promise<Answer>): () => void {
  const before = Object.getOwnPropertyDescriptor(prototype, 'send');
  Object.defineProperty(prototype, 'send', {
    configurable: true,
    value: (command: Command, options?: { abortSignal?: AbortSignal }) => send(command, options?.abortSignal),
  });
  return () => {
    if (before === undefined) Reflect.deleteProperty(prototype, 'send');
    else Object.defineProperty(prototype, 'send', before);
  };
}

/** A process that is dead when the call is made or answered never hears of it. */
async function ofTheLiving<Result>(make: () => Promise<Result>): Promise<Result> {
  const life = lives.getStore();
  if (life?.isOver) return forever();
  try {
    return await make();
  } finally {
    if (life?.isOver) await forever();
  }
}

function abortable<Result>(signal: AbortSignal | undefined, make: () => Promise<Result>): () => Promise<Result> {
  if (signal === undefined) return make;
  return () =>
    new Promise<Result>((resolve, reject) => {
      const abort = () => reject(Object.assign(new Error('Request aborted'), { name: 'AbortError' }));
      if (signal.aborted) return abort();
      signal.addEventListener('abort', abort);
      make()
        .finally(() => signal.removeEventListener('abort', abort))
        .then(resolve, reject);
    });
}

/** The connection breaks in the middle of the body, or the body ends too early. */
function cutBody(body: unknown, fate: 'reset' | 'cut') {
  const whole = body as AsyncIterable<Uint8Array> & { destroy(): void };
  async function* half() {
    for await (const chunk of whole) yield chunk.subarray(0, chunk.length >> 1);
    if (fate === 'reset') throw connectionError();
  }
  const cut = toBody(Buffer.alloc(0));
  const generated = half();
  return Object.assign(cut, {
    [Symbol.asyncIterator]: () => generated,
    transformToByteArray: async () => {
      throw connectionError();
    },
  });
}

function serviceError(service: Service, name: string, httpStatusCode: number): Error {
  const details = { name, message: name, $fault: 'server' as const, $metadata: { httpStatusCode } };
  if (service === 's3') return Object.assign(new S3ServiceException(details), { isTransient: true });
  return Object.assign(new Error(name), { ...details, isTransient: true });
}

function connectionError(): Error {
  return Object.assign(new Error('socket hang up'), { code: 'ECONNRESET', isTransient: true });
}

function isTransient(error: unknown): boolean {
  return error instanceof Error && 'isTransient' in error;
}
