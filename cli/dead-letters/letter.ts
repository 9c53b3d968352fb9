import type { Message } from '@aws-sdk/client-sqs';
import { AutoSwiftNetError } from '../../classifier/errors.ts';
import { parseHeavyRequest } from '../../functions/routing/heavy-message.ts';
import { parseUploadEvents } from '../../functions/tag-upload/event.ts';
import type { Reason } from '../../functions/wire.ts';
import type { Deployment } from '../deployment/deployment.ts';
import { jobsOf, recordsOf } from '../deployment/records-of.ts';

/** What a message asked for. */
export interface Subject {
  /** `s3://BUCKET/KEY`, or `job ID`. */
  readonly what: string;
  /** What the record or the job says now: `failed`, `tagged`, … Null: nothing is recorded. */
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
  try {
    return { ...letter, subjects: await subjectsOf(Body, queue, deployment), unreadable: null };
  } catch (error) {
    if (!(error instanceof AutoSwiftNetError)) throw error;
    return { ...letter, subjects: [], unreadable: error.message };
  }
}

/** The function that parks a message says in two attributes why. */
function parkedFor({ MessageAttributes = {} }: Message): Reason | null {
  const [code, message] = ['code', 'reason'].map((name) => MessageAttributes[name]?.StringValue);
  return code === undefined || message === undefined ? null : { code, message };
}

async function subjectsOf(body: string, queue: string, deployment: Deployment): Promise<Subject[]> {
  if (queue === 'heavy') {
    const { jobId, source } = parseHeavyRequest(body);
    return [jobId === null ? await image(source, deployment) : await job(jobId, deployment)];
  }
  const named = parseUploadEvents(body).flatMap((event) => ('name' in event ? [event.name] : []));
  return Promise.all(named.map((name) => image(name, deployment)));
}

async function image({ bucket, key }: { bucket: string; key: string }, deployment: Deployment): Promise<Subject> {
  const record = await recordsOf(deployment).readRecord({ bucket, key });
  return { what: `s3://${bucket}/${key}`, state: record?.state ?? null, reason: record?.reason ?? null };
}

async function job(id: string, deployment: Deployment): Promise<Subject> {
  const found = await jobsOf(deployment).read(id);
  return { what: `job ${id}`, state: found?.state ?? null, reason: found?.reason ?? null };
}
