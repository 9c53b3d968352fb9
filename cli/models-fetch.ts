import { Command, Option } from 'commander';
import type { Precision } from '../classifier/manifest.ts';
import { ConfigurationError } from '../functions/errors.ts';
import { findZooModel, NotInZooError, ZOO, type ZooModel } from '../models/zoo/zoo.ts';
import { ALL, PRECISIONS } from './released-models.ts';

interface FetchOptions {
  readonly precision: Precision;
  readonly source?: string;
  readonly json?: true;
}

export function modelsFetchCommand(): Command {
  return new Command('fetch')
    .description('download released models, verify them and convert them to model packages')
    .argument('<name...>', `names of released models (models list shows them), or ${ALL}`)
    .addOption(
      new Option(
        '--precision <precision>',
        'int8 (for CPUs) or fp16 (for GPUs) makes a second package from the fp32 one',
      )
        .choices(PRECISIONS)
        .default('fp32'),
    )
    .option('--source <url|dir>', "URL or folder that holds the released files (default: the authors' server)")
    .option('--json', 'print one line of JSON per model, and nothing else, to standard output')
    .action(fetch);
}

async function fetch(names: readonly string[], { precision, source, json }: FetchOptions, command: Command) {
  const models = modelsNamed(names, command);
  const [{ readSettings }, { fetchModels }] = await Promise.all([import('./settings.ts'), import('./fetch-models.ts')]);
  const { modelsDir, offline } = readSettings();
  if (offline && source === undefined) {
    throw new ConfigurationError(
      'AUTOSWIFTNET_OFFLINE=1 forbids downloads. Unset it, or give a folder that holds the released files: --source DIR',
    );
  }
  await fetchModels(models, { modelsDir, precision, source, json });
}

function modelsNamed(names: readonly string[], command: Command): readonly ZooModel[] {
  try {
    return names.includes(ALL) ? ZOO : [...new Set(names)].map(findZooModel);
  } catch (error) {
    if (error instanceof NotInZooError) command.error(`error: ${error.message}`);
    throw error;
  }
}
