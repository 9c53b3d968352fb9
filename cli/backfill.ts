import { Command, InvalidArgumentError } from 'commander';
import type { StackOptions } from './backfill/open-backfill.ts';
import type { StartOptions, StatusOptions } from './backfill/run-backfill.ts';
import type { RunOptions } from './backfill/run-options.ts';
import { SERVICE_HELP } from './deployment/command-options.ts';

export function backfillCommand(): Command {
  return new Command('backfill')
    .description('tag what is in the bucket of a stack already: what it costs, start it, watch it, stop it')
    .addCommand(estimateCommand())
    .addCommand(startCommand())
    .addCommand(statusCommand())
    .addCommand(stopCommand());
}

function estimateCommand(): Command {
  return addRunOptions(
    addStackOptions(
      new Command('estimate').description('count the objects, and say what a backfill costs and how long it takes'),
    ),
  ).action(async (options: RunOptions) => {
    const { runEstimate } = await import('./backfill/run-backfill.ts');
    await runEstimate(options);
  });
}

function startCommand(): Command {
  const command = new Command('start').description(
    'say what it costs, ask, start it, and show its progress; it goes on when this command ends',
  );
  return addRunOptions(addStackOptions(command))
    .option('--yes', 'start without asking')
    .option('--name <name>', 'name of the run (default: the time); that of a run under way shows that one', parseName)
    .option('--no-watch', 'end as soon as it has started')
    .action(async (options: StartOptions) => {
      if (!options.yes && !process.stdin.isTTY) {
        command.error('error: nobody can be asked whether to start, because standard input is no terminal: add --yes');
      }
      const { runStart } = await import('./backfill/run-backfill.ts');
      await runStart(options);
    });
}

function statusCommand(): Command {
  return addStackOptions(
    new Command('status').description('say how far the backfill is: rate, time left, failures, cost so far'),
  )
    .option('--name <name>', 'name of a run (default: the last one)', parseName)
    .action(async (options: StatusOptions) => {
      const { runStatus } = await import('./backfill/run-backfill.ts');
      await runStatus(options);
    });
}

function stopCommand(): Command {
  return addStackOptions(
    new Command('stop').description('stop the backfill; what is tagged stays, and another start goes on with the rest'),
  ).action(async (options: StackOptions) => {
    const { runStop } = await import('./backfill/run-backfill.ts');
    await runStop(options);
  });
}

function addStackOptions(command: Command): Command {
  return command
    .requiredOption('--stack <name>', 'name of a CloudFormation stack')
    .option('--region <region>', 'AWS region of the stack (default: that of the AWS configuration)')
    .option('--service <name>', SERVICE_HELP);
}

function addRunOptions(command: Command): Command {
  return command
    .option('--prefix <prefix>', 'only keys that begin with it')
    .option('--bucket <name>', 'another watched bucket than the first one')
    .option('--suffix <suffix>', 'only keys that end with it, such as .jpg')
    .option('--min-size <bytes>', 'only objects of at least so many bytes', parseBytes)
    .option('--max-size <bytes>', 'only objects of at most so many bytes', parseBytes)
    .option(
      '--inventory <s3-uri>',
      'take the objects from an S3 Inventory: the address of its manifest.json',
      parseManifest,
    )
    .option('--concurrency <n>', 'batches at the same time (default: that of the stack)', parseConcurrency)
    .option(
      '--repair',
      'check the tags of what has its answer, too; after a run that failed, or in which objects failed, start does so by itself',
    );
}

function parseBytes(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Use a whole number of bytes, such as 10000.');
}

function parseConcurrency(text: string): number {
  const concurrency = Number(text);
  if (/^\d{1,4}$/.test(text) && concurrency >= 1 && concurrency <= 1_000) return concurrency;
  throw new InvalidArgumentError('Use a whole number from 1 to 1000.');
}

function parseName(text: string): string {
  if (/^[A-Za-z0-9._-]{1,80}$/.test(text)) return text;
  throw new InvalidArgumentError('Use 1 to 80 letters, digits, dots, underscores and hyphens.');
}

function parseManifest(text: string): string {
  if (/^s3:\/\/[^/]+\/(.*\/)?manifest\.json$/.test(text)) return text;
  throw new InvalidArgumentError('Use the address of a manifest.json: s3://BUCKET/…/manifest.json.');
}
