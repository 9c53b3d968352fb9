import { closeDeployment } from '../deployment/deployment.ts';
import { callingServices } from '../deployment/service-error.ts';
import { numberText } from '../number-text.ts';
import { failedQueues } from './failed-queue.ts';
import { openForQueues, type QueueOptions } from './open-for-queues.ts';
import { REDRIVE_ACTIONS, redrive } from './redrive.ts';

/** Sends the messages that failed back to the queues that they came from. */
export async function runRedrive(options: QueueOptions): Promise<void> {
  const deployment = await openForQueues(options);
  const say = (text: string) => process.stdout.write(`${text}\n`);
  try {
    await callingServices(REDRIVE_ACTIONS, async () => {
      for (const queue of failedQueues(deployment, options.queue)) {
        const { moved, hidden } = await redrive(queue, deployment, (count) =>
          say(`${queue.name}: ${count} moved so far; SQS goes on if you press Ctrl-C`),
        );
        say(`${queue.name}: ${moved} ${moved === 1 ? 'message' : 'messages'} sent back`);
        if (hidden > 0) {
          process.stderr.write(
            `${queue.name}: about ${numberText(hidden)} more cannot be sent back now, because something received them a moment ago. Run it again in a minute.\n`,
          );
          process.exitCode = 1;
        }
      }
    });
  } finally {
    closeDeployment(deployment);
  }
}
