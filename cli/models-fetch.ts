import { Command, Option } from 'commander';
import type { Precision } from '../classifier/manifest.ts';
import { ConfigurationError } from '../functions/errors.ts';
import type { FetchRequest } from '../models/fetch.ts';
import { findZooModel, NotInZooError, ZOO, ZOO_LICENSE, ZOO_LICENSE_URL, type ZooModel } from '../models/zoo/zoo.ts';
import { megabytes, ProgressBar } from './progress-bar.ts';
import { isExpected, oneLine, reportError } from './report-error.ts';

interface FetchOptions {
  readonly precision: Precision;
  readonly source?: string;
}

const ALL = 'all';

export function modelsFetchCommand(): Command {
  return new Command('fetch')
    .description('download released models, verify them and convert them to model packages')
    .argument('<name...>', `names of released models (models list shows them), or ${ALL}`)
    .addOption(
      new Option(
        '--precision <precision>',
        'int8 (for CPUs) or fp16 (for GPUs) makes a second package from the fp32 one',
      )
        .choices(['fp32', 'int8', 'fp16'])
        .default('fp32'),
    )
    .option('--source <url|dir>', "URL or folder that holds the released files (default: the authors' server)")
    .action(fetchModels);
}

async function fetchModels(names: readonly string[], { precision, source }: FetchOptions, command: Command) {
  const models = modelsNamed(names, command);
  const { readSettings } = await import('./settings.ts');
  const { modelsDir, offline } = readSettings();
  if (offline && source === undefined) {
    throw new ConfigurationError(
      'AUTOSWIFTNET_OFFLINE=1 forbids downloads. Unset it, or give a folder that holds the released files: --source DIR',
    );
  }
  const showLicense = once(() =>
    process.stderr.write(
      `The weights are published by the authors of arXiv 1905.00546. Licence: ${ZOO_LICENSE} (no commercial use), see ${ZOO_LICENSE_URL}\n`,
    ),
  );
  for (const model of models) {
    try {
      await fetchOne({ model, modelsDir, precision, ...(source !== undefined && { source }) }, showLicense);
    } catch (error) {
      reportError(error, model.name);
      if (!isExpected(error)) throw error;
      process.exitCode = 1;
    }
  }
}

async function fetchOne(request: FetchRequest, showLicense: () => void): Promise<void> {
  const { fetchModel } = await import('../models/fetch.ts');
  const { model, precision } = request;
  const bar = new ProgressBar(model.name);
  const say = (text: string): void => {
    bar.stop();
    process.stderr.write(`${model.name}: ${text}\n`);
  };
  try {
    const { packageDir, isNew } = await fetchModel({
      ...request,
      onBegin: () => {
        showLicense();
        say(`downloading ${megabytes(model.checkpointBytes)}`);
      },
      onProgress: bar.update,
      onRetry: ({ message }) => say(`${oneLine(message)}; trying again`),
      onConvert: () => say('download verified; converting it to a package'),
      onDerive: () => say(`making the ${precision} package from the fp32 package`),
      onWarning: say,
    });
    process.stdout.write(`${model.name}: ${isNew ? '' : 'already on disk, '}${packageDir}\n`);
  } finally {
    bar.stop();
  }
}

function modelsNamed(names: readonly string[], command: Command): readonly ZooModel[] {
  try {
    return names.includes(ALL) ? ZOO : [...new Set(names)].map(findZooModel);
  } catch (error) {
    if (error instanceof NotInZooError) command.error(`error: ${error.message}`);
    throw error;
  }
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (!done) work();
    done = true;
  };
}
