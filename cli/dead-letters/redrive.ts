import type { Deployment } from '../deployment/deployment.ts';
import { readQueueFacts } from '../deployment/queue-facts.ts';
import type { FailedQueue } from './failed-queue.ts';
import { moveOneByOne } from './move-one-by-one.ts';
import { moveBySqs } from './move-task.ts';

/** The IAM actions that a redrive uses. */
export const REDRIVE_ACTIONS = [
  'sqs:GetQueueAttributes',
  'sqs:StartMessageMoveTask',
  'sqs:ListMessageMoveTasks',
  'sqs:ReceiveMessage',
  'sqs:DeleteMessage',
  'sqs:SendMessage',
] as const;

/** What came of a redrive. Both numbers are SQS' own, which are approximate. */
export interface Redriven {
  readonly moved: number;
  /**
   * Messages that are there but hidden, because something received them a moment ago. It is 0 if
   * others could be moved: right after `list`, SQS still counts what it shows again.
   */
  readonly hidden: number;
}

/** Sends the messages of a queue back to where they came from. */
export async function redrive(
  { url, sourceUrl }: FailedQueue,
  { clients: { sqs }, aws }: Pick<Deployment, 'clients' | 'aws'>,
  onProgress: (moved: number) => void,
): Promise<Redriven> {
  const [failed, source] = await Promise.all([readQueueFacts(sqs, url), readQueueFacts(sqs, sourceUrl)]);
  if (failed.waiting === 0) return { moved: 0, hidden: failed.inWork };
  const moved =
    aws === null
      ? await moveOneByOne(sqs, url, sourceUrl, failed.waiting)
      : await moveBySqs(sqs, { sourceArn: failed.arn, destinationArn: source.arn, onProgress });
  return { moved, hidden: 0 };
}
