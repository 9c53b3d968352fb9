import { AutoSwiftNetError } from '../../classifier/errors.ts';

/**
 * A queue message is not an event of S3, or its key cannot be decoded. After the last attempt the
 * message is parked.
 */
export class MalformedEventError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'malformed-event', status: 400, cause });
  }
}

/** The list of faults is cut to this length. A message of a megabyte may have very many. */
const MAX_FAULT_CHARACTERS = 1200;

/** @param fault continues the sentence "the queue message is not an S3 notification: …" */
export function malformed(fault: string, cause?: unknown): MalformedEventError {
  return new MalformedEventError(
    `the queue message is not an S3 notification: ${fault.slice(0, MAX_FAULT_CHARACTERS)}. Only S3 (also through SNS or EventBridge) and the backfill should send to this queue. Look at the message: after its last attempt it is parked.`,
    cause,
  );
}
