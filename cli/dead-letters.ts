import { Command, InvalidArgumentError } from 'commander';
import type { QueueOptions } from './dead-letters/open-for-queues.ts';
import type { ListOptions } from './dead-letters/run-list.ts';
import { addDeploymentOptions } from './deployment/command-options.ts';

/** Enough to see what is wrong. */
const DEFAULT_LIMIT = 100;

/** About what SQS gives before the first messages show themselves again. */
const MOST = 1_000;

const QUEUE_HELP = 'only this queue: uploads, heavy or parked (default: all)';

export function deadLettersCommand(): Command {
  return new Command('dead-letters')
    .description('list the messages that failed on every attempt, or send them back')
    .addCommand(listCommand())
    .addCommand(redriveCommand());
}

function listCommand(): Command {
  const command = new Command('list').description(
    'list the messages of the dead-letter queues and the parked ones, with the image, the reason and the time; they stay where they are',
  );
  return addDeploymentOptions(command)
    .option('--queue <name>', QUEUE_HELP)
    .option('--limit <n>', `most messages of each queue, up to ${MOST}`, parseLimit, DEFAULT_LIMIT)
    .option('--json', 'print one line of JSON for each message, and nothing else, to standard output')
    .action(async (options: ListOptions) => {
      const { runList } = await import('./dead-letters/run-list.ts');
      await runList(options);
    });
}

function redriveCommand(): Command {
  const command = new Command('redrive').description('send the messages back to the queues that they came from');
  return addDeploymentOptions(command)
    .option('--queue <name>', QUEUE_HELP)
    .action(async (options: QueueOptions) => {
      const { runRedrive } = await import('./dead-letters/run-redrive.ts');
      await runRedrive(options);
    });
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (!/^\d{1,4}$/.test(text) || limit < 1 || limit > MOST) {
    throw new InvalidArgumentError(`Use a whole number from 1 to ${MOST}.`);
  }
  return limit;
}
