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

/**
 * Sends the messages of a queue back to where they came from.
 * @returns how many
 */
export async function redrive(
  { url, sourceUrl }: FailedQueue,
  { clients: { sqs }, aws }: Pick<Deployment, 'clients' | 'aws'>,
  onProgress: (moved: number) => void,
): Promise<number> {
  const [failed, source] = await Promise.all([readQueueFacts(sqs, url), readQueueFacts(sqs, sourceUrl)]);
  if (failed.waiting === 0) return 0;
  if (aws === null) return moveOneByOne(sqs, url, sourceUrl, failed.waiting);
  return moveBySqs(sqs, { sourceArn: failed.arn, destinationArn: source.arn, onProgress });
}
