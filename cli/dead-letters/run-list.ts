import { closeDeployment } from '../deployment/deployment.ts';
import { readQueueFacts } from '../deployment/queue-facts.ts';
import { callingServices } from '../deployment/service-error.ts';
import { type FailedQueue, failedQueues } from './failed-queue.ts';
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
        queues.map(async (queue) => ({ queue, messages: await peek(sqs, queue.url, options.limit) })),
      );
      for (const { queue, messages } of peeked) {
        for (const message of messages) {
          const letter = await readLetter(message, queue.name, deployment);
          write(options.json ? `${JSON.stringify(letter)}\n` : letterText(letter));
        }
        if (!options.json) write(countText(queue, messages.length, (await readQueueFacts(sqs, queue.url)).waiting));
      }
    });
  } finally {
    closeDeployment(deployment);
  }
}

function countText({ name }: FailedQueue, seen: number, waiting: number): string {
  const more = waiting > seen ? `, of about ${waiting}; --limit shows more` : '';
  return `${name}: ${seen} ${seen === 1 ? 'message' : 'messages'}${more}\n`;
}
