import { InvokeCommand, type LambdaClient, LambdaServiceException } from '@aws-sdk/client-lambda';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod';
import { messageOf } from '../../classifier/message-of.ts';
import * as uploads from '../tag-upload/queue.ts';
import { FailedAloneError } from './errors.ts';

/**
 * Hands a message to the tagging function, alone, and waits for the result.
 * @returns why it failed, or may have failed; null if it succeeded
 * @throws {LambdaServiceException} if Lambda refused the call, so that the function did not run
 * @throws {Error} if the call was not sent: Lambda could not be reached
 */
export type RunAlone = (letter: SQSRecord) => Promise<FailedAloneError | null>;

/** What Lambda answers when a function threw, crashed or took too long. */
const faultSchema = z.object({ errorType: z.string().optional(), errorMessage: z.string() });

/** What the tagging function answers. */
const answerSchema = z.object({ batchItemFailures: z.array(z.unknown()) });

/**
 * Lambda's own faults before a function runs: it could not start it. `ServiceException` is none of
 * them, since it does not say when the fault happened:
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors
 */
const COULD_NOT_START: ReadonlySet<string> = new Set([
  'EC2AccessDeniedException',
  'EC2ThrottledException',
  'EC2UnexpectedException',
  'ENILimitReachedException',
  'ENINotReadyException',
  'InvalidRuntimeException',
  'InvalidSecurityGroupIDException',
  'InvalidSubnetIDException',
  'InvalidZipFileException',
  'KMSAccessDeniedException',
  'KMSDisabledException',
  'KMSInvalidStateException',
  'KMSNotFoundException',
  'ResourceNotReadyException',
  'SubnetIPAddressLimitReachedException',
]);

/** The system calls that come before a request is sent: finding the address, and connecting. */
const BEFORE_SENDING: ReadonlySet<unknown> = new Set(['getaddrinfo', 'connect']);

/**
 * Opens the tagging function.
 * @param client must not repeat a call: the function may have run although the answer was lost
 * @param name name or ARN of the function, or ARN of an alias
 */
export function openTaggingFunction(client: LambdaClient, name: string): RunAlone {
  return async (letter) => {
    try {
      const Payload = JSON.stringify(toEvent(letter));
      const answer = await client.send(
        new InvokeCommand({ FunctionName: name, InvocationType: 'RequestResponse', Payload }),
      );
      return readAnswer(answer.FunctionError, parse(answer.Payload));
    } catch (error) {
      if (hasNotRun(error)) throw error;
      return new FailedAloneError(`its answer was lost (${messageOf(error)})`, error);
    }
  };
}

function hasNotRun(error: unknown): boolean {
  if (error instanceof LambdaServiceException) return error.$fault === 'client' || COULD_NOT_START.has(error.name);
  return isBeforeSending(error);
}

/** A host with several addresses fails with one error for each address that was tried. */
function isBeforeSending(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if ('errors' in error && Array.isArray(error.errors)) return error.errors.every(isBeforeSending);
  return 'syscall' in error && BEFORE_SENDING.has(error.syscall);
}

/**
 * Makes the event of a batch of one. Its receive count makes it a last attempt, so that the tagging
 * function records why it failed, if it can.
 */
function toEvent(letter: SQSRecord): SQSEvent {
  const ApproximateReceiveCount = String(uploads.MAX_RECEIVE_COUNT + 1);
  return { Records: [{ ...letter, attributes: { ...letter.attributes, ApproximateReceiveCount } }] };
}

function readAnswer(functionError: string | undefined, answer: unknown): FailedAloneError | null {
  if (functionError !== undefined) {
    const fault = faultSchema.safeParse(answer).data;
    return new FailedAloneError([fault?.errorType, fault?.errorMessage ?? functionError].filter(Boolean).join(': '));
  }
  const parsed = answerSchema.safeParse(answer);
  if (!parsed.success) return new FailedAloneError('its answer is not {batchItemFailures: […]}', parsed.error);
  return parsed.data.batchItemFailures.length === 0 ? null : new FailedAloneError('it reported the message as failed');
}

function parse(payload: Uint8Array | undefined): unknown {
  return JSON.parse(Buffer.from(payload ?? []).toString());
}
