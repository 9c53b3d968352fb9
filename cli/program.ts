import { createRequire } from 'node:module';
import { Command } from 'commander';
import { backfillCommand } from './backfill.ts';
import { classifyCommand } from './classify.ts';
import { deadLettersCommand } from './dead-letters.ts';
import { doctorCommand } from './doctor.ts';
import { evaluateCommand } from './evaluate.ts';
import { exportCommand } from './export.ts';
import { addHelp } from './help.ts';
import { modelsConvertCommand } from './models-convert.ts';
import { modelsFetchCommand } from './models-fetch.ts';
import { modelsListCommand } from './models-list.ts';
import { modelsQuantizeCommand } from './models-quantize.ts';
import { modelsVerifyCommand } from './models-verify.ts';
import { prepare } from './prepare.ts';
import { selectCommand } from './select.ts';
import { startCommand } from './start.ts';

const ENVIRONMENT_HELP = `
Environment:
  AUTOSWIFTNET_MODELS       the folder that holds the model packages
  AUTOSWIFTNET_MODEL        the model to use when --model is not given
  AUTOSWIFTNET_HEAVY_MODEL  the heavy model that start uses when --heavy-model is not given
  AUTOSWIFTNET_OFFLINE=1    never download a model
  HTTPS_PROXY, HTTP_PROXY   the proxy for downloads and for classify --url; NO_PROXY: hosts without it
  AUTOSWIFTNET_DEBUG=1      print the stack trace of every error`;

const { version }: { version: string } = createRequire(import.meta.url)('../package.json');

/** Makes the whole command line: every command with its arguments and options. */
export function program(): Command {
  const models = new Command('models')
    .description('list, download, convert, quantize and verify models')
    .addCommand(modelsListCommand())
    .addCommand(modelsFetchCommand())
    .addCommand(modelsConvertCommand())
    .addCommand(modelsQuantizeCommand())
    .addCommand(modelsVerifyCommand());
  const program = new Command('autoswiftnet')
    .description('Tags every image in an S3 bucket and classifies images, with the SSL and SWSL ResNet models.')
    .version(version)
    .addCommand(startCommand())
    .addCommand(classifyCommand())
    .addCommand(evaluateCommand())
    .addCommand(selectCommand())
    .addCommand(exportCommand())
    .addCommand(backfillCommand())
    .addCommand(models)
    .addCommand(doctorCommand())
    .addCommand(deadLettersCommand())
    .addHelpText('after', ENVIRONMENT_HELP)
    .hook('preAction', (_program, command) => prepare(wholeName(command)));
  return addHelp(program);
}

/** @example wholeName(command) // 'backfill start' */
function wholeName(command: Command): string {
  const { parent } = command;
  return parent?.parent ? `${wholeName(parent)} ${command.name()}` : command.name();
}
