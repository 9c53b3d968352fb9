import { Command, InvalidArgumentError } from 'commander';
import { addDeploymentOptions } from './deployment/command-options.ts';
import type { DoctorOptions } from './doctor/run-doctor.ts';

export const DEFAULT_STEP_SECONDS = 60;

export function doctorCommand(): Command {
  const command = new Command('doctor').description(
    'try a deployed stack, or the local one: is it sound, and if not, what to do; it uploads a picture of its own and removes it again',
  );
  return addDeploymentOptions(command)
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

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!/^\d{1,5}$/.test(text) || seconds < 1) throw new InvalidArgumentError('Use a whole number from 1 to 99999.');
  return seconds;
}
