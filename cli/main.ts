import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { classifyCommand } from './classify.ts';
import { evaluateCommand } from './evaluate.ts';
import { modelsConvertCommand } from './models-convert.ts';
import { modelsFetchCommand } from './models-fetch.ts';
import { modelsListCommand } from './models-list.ts';
import { modelsQuantizeCommand } from './models-quantize.ts';
import { modelsVerifyCommand } from './models-verify.ts';
import { reportError } from './report-error.ts';
import { startCommand } from './start.ts';

/** Exit codes: 0 all done; 1 some inputs failed, each named on standard error; 2 wrong use. */
const EXIT_FAILED = 1;
const EXIT_WRONG_USE = 2;

const ENVIRONMENT_HELP = `
Environment:
  AUTOSWIFTNET_MODELS     folder of model packages
  AUTOSWIFTNET_MODEL      the model, where --model does not say it
  AUTOSWIFTNET_OFFLINE=1  never try to download a model
  AUTOSWIFTNET_DEBUG=1    show where an error comes from`;

const { version }: { version: string } = createRequire(import.meta.url)('../package.json');

endQuietlyWhenNobodyReads(process.stdout);
endQuietlyWhenNobodyReads(process.stderr);
await run(process.argv);

async function run(argv: readonly string[]): Promise<void> {
  try {
    await throwingUsageErrors(program()).parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has printed its message already; only help and version end with 0.
      process.exitCode = error.exitCode === 0 ? 0 : EXIT_WRONG_USE;
      return;
    }
    process.exitCode = reportError(error) === 'wrong-use' ? EXIT_WRONG_USE : EXIT_FAILED;
  }
}

function program(): Command {
  const models = new Command('models')
    .description('the released models, and model packages on disk')
    .addCommand(modelsListCommand())
    .addCommand(modelsFetchCommand())
    .addCommand(modelsConvertCommand())
    .addCommand(modelsQuantizeCommand())
    .addCommand(modelsVerifyCommand());
  return new Command('autoswiftnet')
    .description('Tags every image that lands in a bucket, with the SSL and SWSL ResNets.')
    .version(version)
    .addCommand(startCommand())
    .addCommand(classifyCommand())
    .addCommand(evaluateCommand())
    .addCommand(models)
    .addHelpText('after', ENVIRONMENT_HELP);
}

/** Commander would end the process itself, with 1: what a command means by a failed input. */
function throwingUsageErrors(command: Command): Command {
  command.exitOverride().showHelpAfterError('(--help lists what there is)');
  for (const child of command.commands) throwingUsageErrors(child);
  return command;
}

/** `autoswiftnet … | head` closes the pipe early: no error, and nothing more to do. */
function endQuietlyWhenNobodyReads(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}
