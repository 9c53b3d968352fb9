import { Command, Option } from 'commander';
import type { Precision } from '../classifier/manifest.ts';
import { ConfigurationError } from '../functions/errors.ts';
import { DownloadError } from '../models/download/errors.ts';
import type { FetchRequest } from '../models/fetch.ts';
import { findZooModel, NotInZooError, ZOO, ZOO_LICENSE, ZOO_LICENSE_URL, type ZooModel } from '../models/zoo/zoo.ts';
import { isExpected, reportError } from './report-error.ts';
import { readProxies } from './use-proxy.ts';

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
  let hasFailedDownload = false;
  for (const model of models) {
    try {
      await fetchOne({ model, modelsDir, precision, ...(source !== undefined && { source }) }, showLicense);
    } catch (error) {
      reportError(error, model.name);
      if (!isExpected(error)) throw error;
      hasFailedDownload ||= error instanceof DownloadError;
      process.exitCode = 1;
    }
  }
  if (hasFailedDownload) {
    if (readProxies(process.env) !== null) process.stderr.write('The proxy of HTTPS_PROXY or HTTP_PROXY was used.\n');
    process.stderr.write(otherSources(source !== undefined));
  }
}

async function fetchOne(request: FetchRequest, showLicense: () => void): Promise<void> {
  const [{ fetchModel }, { fetchReport }] = await Promise.all([
    import('../models/fetch.ts'),
    import('./fetch-report.ts'),
  ]);
  const { model } = request;
  const report = fetchReport(request, showLicense);
  try {
    const { packageDir, isNew } = await fetchModel({ ...request, ...report });
    process.stdout.write(`${model.name}: ${isNew ? '' : 'already on disk, '}${packageDir}\n`);
  } finally {
    report.stop();
  }
}

/** Says what helps where a network does not reach the server. */
function otherSources(hasSource: boolean): string {
  return hasSource
    ? 'A download failed. Check --source, or give another URL or folder that holds the released files: --source URL|DIR\n'
    : "A download failed. If this machine cannot reach the authors' server, download the files elsewhere and give their folder or another server: --source URL|DIR\n";
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
