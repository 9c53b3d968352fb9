import { Command, InvalidArgumentError } from 'commander';
import type { DoctorOptions } from './doctor/run-doctor.ts';

export const DEFAULT_STEP_SECONDS = 60;

export function doctorCommand(): Command {
  return new Command('doctor')
    .description(
      'try a deployed stack, or the local one: is it sound, and if not, what to do; it uploads a picture of its own and removes it again',
    )
    .option('--stack <name>', 'name of a CloudFormation stack (default: the local stack)')
    .option('--region <region>', 'AWS region of the stack (default: that of the AWS configuration)')
    .option('--url <url>', 'address of the local stack (default: http://127.0.0.1:3000)', parseUrl)
    .option(
      '--token <token>',
      'bearer token for an API with a login; without one, requests are signed with AWS credentials',
    )
    .option('--heavy', 'try the heavy model, too; on AWS this may start a GPU machine, which costs money')
    .option('--timeout <seconds>', 'longest time for each check', parseSeconds, DEFAULT_STEP_SECONDS)
    .option('--json', 'print one JSON object, and nothing else, to standard output')
    .action(async (options: DoctorOptions) => {
      const { runDoctor } = await import('./doctor/run-doctor.ts');
      process.exitCode = await runDoctor(options);
    });
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== 'http:') throw new InvalidArgumentError('Use the http URL that autoswiftnet start prints.');
  return url;
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!/^\d{1,5}$/.test(text) || seconds < 1) throw new InvalidArgumentError('Use a whole number from 1 to 99999.');
  return seconds;
}
