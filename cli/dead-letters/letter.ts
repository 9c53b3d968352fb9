import type { Message } from '@aws-sdk/client-sqs';
import { AutoSwiftNetError } from '../../classifier/errors.ts';
import { StoredRecordError } from '../../functions/records/errors.ts';
import { parseHeavyRequest } from '../../functions/routing/heavy-message.ts';
import { parseUploadEvents } from '../../functions/tag-upload/event.ts';
import type { Reason } from '../../functions/wire.ts';
import type { Deployment } from '../deployment/deployment.ts';
import { jobsOf, recordsOf } from '../deployment/records-of.ts';

/** What a message asked for. */
export interface Subject {
  /** `s3://BUCKET/KEY`, or `job ID`. */
  readonly what: string;
  /**
   * What the record or the job says now: `failed`, `tagged`, …, or `unreadable` if it is damaged.
   * Null: nothing is recorded.
   */
  readonly state: string | null;
  readonly reason: Reason | null;
}

/** A message that failed. */
export interface Letter {
  /** The queue, as `FailedQueue` names it. */
  readonly queue: string;
  readonly messageId: string;
  /** ISO 8601, UTC. When it was first sent. Null: SQS does not say. */
  readonly sentAt: string | null;
  /** Empty if the message cannot be read, or asks for nothing. */
  readonly subjects: readonly Subject[];
  /** Why it was parked. Null: it was not. */
  readonly parkedFor: Reason | null;
  /** Why the message cannot be read, or null. */
  readonly unreadable: string | null;
}

/** Reads a message, and what is recorded of what it asked for. */
export async function readLetter(message: Message, queue: string, deployment: Deployment): Promise<Letter> {
  const { MessageId = '', Body = '', Attributes = {} } = message;
  const sent = Number(Attributes.SentTimestamp);
  const letter = {
    queue,
    messageId: MessageId,
    sentAt: sent > 0 ? new Date(sent).toISOString() : null,
    parkedFor: parkedFor(message),
  };
  let wanted: readonly Wanted[];
  try {
    wanted = parse(Body, queue);
  } catch (error) {
    if (!(error instanceof AutoSwiftNetError)) throw error;
    return { ...letter, subjects: [], unreadable: error.message };
  }
  const subjects = await Promise.all(wanted.map((one) => subjectOf(one, deployment)));
  return { ...letter, subjects, unreadable: null };
}

/** The function that parks a message says in two attributes why. */
function parkedFor({ MessageAttributes = {} }: Message): Reason | null {
  const [code, message] = ['code', 'reason'].map((name) => MessageAttributes[name]?.StringValue);
  return code === undefined || message === undefined ? null : { code, message };
}

/** What a message names: an image, or a job. */
type Wanted = { readonly bucket: string; readonly key: string } | { readonly jobId: string };

function parse(body: string, queue: string): Wanted[] {
  if (queue === 'heavy') {
    const { jobId, source } = parseHeavyRequest(body);
    return [jobId === null ? source : { jobId }];
  }
  return parseUploadEvents(body).flatMap((event) => ('name' in event ? [event.name] : []));
}

async function subjectOf(wanted: Wanted, deployment: Deployment): Promise<Subject> {
  const what = 'jobId' in wanted ? `job ${wanted.jobId}` : `s3://${wanted.bucket}/${wanted.key}`;
  try {
    const found = await read(wanted, deployment);
    return { what, state: found?.state ?? null, reason: found?.reason ?? null };
  } catch (error) {
    // One damaged record must not hide the other messages.
    if (!(error instanceof StoredRecordError)) throw error;
    return { what, state: 'unreadable', reason: { code: error.code, message: error.message } };
  }
}

async function read(wanted: Wanted, deployment: Deployment): Promise<Pick<Subject, 'state' | 'reason'> | null> {
  if ('jobId' in wanted) return jobsOf(deployment).read(wanted.jobId);
  const { bucket, key } = wanted;
  return recordsOf(deployment).readRecord({ bucket, key });
}
