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
 */
export type RunAlone = (letter: SQSRecord) => Promise<FailedAloneError | null>;

/** What Lambda answers when a function threw, crashed or took too long. */
const faultSchema = z.object({ errorType: z.string().optional(), errorMessage: z.string() });

/** What the tagging function answers. */
const answerSchema = z.object({ batchItemFailures: z.array(z.unknown()) });

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
      if (error instanceof LambdaServiceException && error.$fault === 'client') throw error;
      return new FailedAloneError(`its answer was lost (${messageOf(error)})`, error);
    }
  };
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
