import { closeDeployment } from '../deployment/deployment.ts';
import { readQueueFacts } from '../deployment/queue-facts.ts';
import { callingServices } from '../deployment/service-error.ts';
import { countText } from './count-text.ts';
import { failedQueues } from './failed-queue.ts';
import { readLetter } from './letter.ts';
import { letterText } from './letter-text.ts';
import { openForQueues, type QueueOptions } from './open-for-queues.ts';
import { peek } from './peek.ts';

export interface ListOptions extends QueueOptions {
  /** Messages of each queue. */
  readonly limit: number;
  readonly json?: true;
}

const ACTIONS = [
  'sqs:ReceiveMessage',
  'sqs:ChangeMessageVisibility',
  'sqs:GetQueueAttributes',
  'dynamodb:Query',
  'dynamodb:GetItem',
];

/** Prints the messages that failed, and why. They stay where they are. */
export async function runList(options: ListOptions): Promise<void> {
  const deployment = await openForQueues(options);
  const { sqs } = deployment.clients;
  const write = (text: string) => process.stdout.write(text);
  try {
    await callingServices(ACTIONS, async () => {
      const queues = failedQueues(deployment, options.queue);
      const peeked = await Promise.all(
        queues.map(async (queue) => ({ queue, found: await peek(sqs, queue.url, options.limit) })),
      );
      for (const { queue, found } of peeked) {
        for (const message of found.messages) {
          const letter = await readLetter(message, queue.name, deployment);
          write(options.json ? `${JSON.stringify(letter)}\n` : letterText(letter));
        }
        if (options.json && !found.isStopped) continue;
        const count = countText(queue.name, found, (await readQueueFacts(sqs, queue.url)).waiting);
        (options.json ? process.stderr : process.stdout).write(count);
      }
    });
  } finally {
    closeDeployment(deployment);
  }
}
