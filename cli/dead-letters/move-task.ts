import { setTimeout as delay } from 'node:timers/promises';
import { ListMessageMoveTasksCommand, type SQSClient, StartMessageMoveTaskCommand } from '@aws-sdk/client-sqs';
import { AutoSwiftNetError } from '../../classifier/errors.ts';

export interface Move {
  readonly sourceArn: string;
  readonly destinationArn: string;
  /** Called from time to time with the number of messages that were moved so far. */
  readonly onProgress: (moved: number) => void;
}

/** SQS stopped moving messages before all were moved. */
export class RedriveError extends AutoSwiftNetError {
  constructor(message: string) {
    super(message, { code: 'redrive-failed', status: 502 });
  }
}

const POLL_MS = 1_000;

/**
 * Lets SQS move all messages of a dead-letter queue. SQS goes on with it if this program ends.
 * @param pollMs time between two looks at the task; default 1 s
 * @returns how many messages were moved; SQS counts approximately
 * @throws {RedriveError} when SQS gives up, or someone cancels
 */
export async function moveBySqs(
  sqs: SQSClient,
  { sourceArn, destinationArn, onProgress }: Move,
  pollMs = POLL_MS,
): Promise<number> {
  await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: sourceArn, DestinationArn: destinationArn }));
  for (;;) {
    const { Results: [task] = [] } = await sqs.send(
      new ListMessageMoveTasksCommand({ SourceArn: sourceArn, MaxResults: 1 }),
    );
    const moved = task?.ApproximateNumberOfMessagesMoved ?? 0;
    if (task?.Status === 'COMPLETED') return moved;
    if (task?.Status === 'FAILED' || task?.Status === 'CANCELLED') {
      const why = task.FailureReason ?? 'it was cancelled';
      throw new RedriveError(
        `SQS moved ${moved} messages of ${sourceArn}, then stopped: ${why}. Run it again for the rest.`,
      );
    }
    onProgress(moved);
    await delay(pollMs);
  }
}
