import { Command, Option } from 'commander';
import { ConfigurationError } from '../classifier/errors.ts';
import type { Precision } from '../classifier/manifest.ts';
import type { FetchRequest } from '../models/fetch.ts';
import { findZooModel, UnknownModelError, ZOO, ZOO_LICENSE, ZOO_LICENSE_URL, type ZooModel } from '../models/zoo.ts';
import { megabytes, ProgressBar } from './progress-bar.ts';
import { isExpected, oneLine, reportError } from './report-error.ts';

interface FetchOptions {
  readonly precision: Precision;
  readonly source?: string;
}

const ALL = 'all';

export function modelsFetchCommand(): Command {
  return new Command('fetch')
    .description('download released models, verify them and make them packages')
    .argument('<name...>', `names of released models, or ${ALL}`)
    .addOption(
      new Option('--precision <precision>', 'int8 for the CPU, fp16 for a GPU; beside the fp32 package')
        .choices(['fp32', 'int8', 'fp16'])
        .default('fp32'),
    )
    .option('--source <url|dir>', "a mirror: the folder that holds the released files, instead of the authors' server")
    .action(fetchModels);
}

async function fetchModels(names: readonly string[], { precision, source }: FetchOptions, command: Command) {
  const models = modelsNamed(names, command);
  const { readSettings } = await import('./settings.ts');
  const { modelsDir, offline } = readSettings();
  if (offline && source === undefined) {
    throw new ConfigurationError(
      'AUTOSWIFTNET_OFFLINE=1 forbids to download: unset it, or name a folder of released files with --source',
    );
  }
  const showLicense = once(() =>
    process.stderr.write(
      `The weights are the authors' (arXiv 1905.00546), under ${ZOO_LICENSE}, not for commercial use: ${ZOO_LICENSE_URL}\n`,
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
        say(`fetching ${megabytes(model.checkpointBytes)}`);
      },
      onProgress: bar.update,
      onRetry: ({ message }) => say(`${oneLine(message)}; trying again`),
      onConvert: () => say('verified, converting'),
      onDerive: () => say(`making the ${precision} package of it`),
      onWarning: say,
    });
    process.stdout.write(`${model.name}: ${isNew ? '' : 'is there already, '}${packageDir}\n`);
  } finally {
    bar.stop();
  }
}

function modelsNamed(names: readonly string[], command: Command): readonly ZooModel[] {
  try {
    return names.includes(ALL) ? ZOO : [...new Set(names)].map(findZooModel);
  } catch (error) {
    if (error instanceof UnknownModelError) command.error(`error: ${error.message}`);
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
