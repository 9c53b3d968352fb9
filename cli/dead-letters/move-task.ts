import { setTimeout as delay } from 'node:timers/promises';
import {
  ListMessageMoveTasksCommand,
  type ListMessageMoveTasksResultEntry,
  type SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { AutoSwiftNetError } from '../../classifier/errors.ts';

export interface Move {
  readonly sourceArn: string;
  readonly destinationArn: string;
  /** Called with the number of messages that were moved so far, each time that it changes. */
  readonly onProgress: (moved: number) => void;
}

/** SQS stopped moving messages before all were moved. */
export class RedriveError extends AutoSwiftNetError {
  constructor(message: string) {
    super(message, { code: 'redrive-failed', status: 502 });
  }
}

const POLL_MS = 1_000;

/** Looks at a list that does not show the task yet. SQS is eventually consistent. */
const MOST_LOOKS = 60;

/**
 * Lets SQS move all messages of a dead-letter queue. SQS goes on with it if this program ends.
 * @param pollMs time between two looks at the task; default 1 s
 * @returns how many messages were moved; SQS counts approximately
 * @throws {RedriveError} when SQS gives up, someone cancels, or SQS never shows the task
 */
export async function moveBySqs(
  sqs: SQSClient,
  { sourceArn, destinationArn, onProgress }: Move,
  pollMs = POLL_MS,
): Promise<number> {
  const before = (await newestTask(sqs, sourceArn))?.StartedTimestamp;
  await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: sourceArn, DestinationArn: destinationArn }));
  let told: number | null = null;
  for (let looks = 0; looks < MOST_LOOKS; ) {
    const task = await newestTask(sqs, sourceArn);
    const moved = task?.ApproximateNumberOfMessagesMoved ?? 0;
    if (task === undefined || task.StartedTimestamp === before) {
      looks += 1;
    } else {
      if (task.Status === 'COMPLETED') return moved;
      throwIfEnded(task, sourceArn);
      if (moved !== told) onProgress(moved);
      told = moved;
    }
    await delay(pollMs);
  }
  throw new RedriveError(
    `SQS took the order to move the messages of ${sourceArn}, but does not say how far it is. Look with: aws sqs list-message-move-tasks --source-arn ${sourceArn} --region ${regionOf(sourceArn)}`,
  );
}

/** SQS lists the newest task first. */
async function newestTask(sqs: SQSClient, SourceArn: string): Promise<ListMessageMoveTasksResultEntry | undefined> {
  const { Results = [] } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn, MaxResults: 1 }));
  return Results[0];
}

function throwIfEnded(task: ListMessageMoveTasksResultEntry, sourceArn: string): void {
  const { Status, FailureReason, ApproximateNumberOfMessagesMoved: moved = 0 } = task;
  if (Status !== 'FAILED' && Status !== 'CANCELLED') return;
  const why = FailureReason ?? 'it was cancelled';
  throw new RedriveError(
    `SQS moved ${moved} messages of ${sourceArn}, then stopped: ${why}. Run it again for the rest.`,
  );
}

function regionOf(arn: string): string {
  return arn.split(':')[3] ?? '';
}
