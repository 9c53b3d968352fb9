import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Precision, readManifestFile } from '../classifier/manifest.ts';
import { DownloadError } from '../models/download/errors.ts';
import { type Fetched, type FetchRequest, fetchModel } from '../models/fetch.ts';
import { ZOO_LICENSE, ZOO_LICENSE_URL, type ZooModel } from '../models/zoo/zoo.ts';
import { fetchReport } from './fetch-report.ts';
import { megabytes } from './progress-bar.ts';
import { accuracy, forEachModel, packageOf, printFailure } from './released-models.ts';
import { oneLine } from './report-error.ts';
import { table } from './table.ts';
import { namedProxies } from './use-proxy.ts';

export interface FetchModelsOptions {
  readonly modelsDir: string;
  readonly precision: Precision;
  /** See FetchRequest. */
  readonly source?: string | undefined;
  /** Whether to print one line of JSON for each model, and nothing else, to standard output. */
  readonly json?: boolean | undefined;
}

/** A model that was fetched, as `--json` prints it. */
interface FetchedModel {
  readonly model: string;
  /** The package folder. */
  readonly package: string;
  readonly isNew: boolean;
  /** The size of the package's files. */
  readonly bytes: number;
}

const HEADINGS = ['model', 'state', 'on disk', 'published top-1', 'measured by timm'];
const ALIGN_RIGHT = [false, false, true, true, true];

/**
 * Fetches released models and prints what is on disk then: one line for a single model, else one
 * table. A model that fails does not stop the others. What is on disk already is kept, so the same
 * command goes on where it was interrupted.
 */
export async function fetchModels(models: readonly ZooModel[], options: FetchModelsOptions): Promise<void> {
  const { json, source } = options;
  const isAlone = models.length === 1;
  let hasFailedDownload = false;
  const showLicense = once(() =>
    process.stderr.write(
      `The weights are published by the authors of arXiv 1905.00546. Licence: ${ZOO_LICENSE} (no commercial use), see ${ZOO_LICENSE_URL}\n`,
    ),
  );
  const results = await forEachModel(
    models,
    async (model) => {
      const fetched = await fetchOne(model, options, showLicense);
      if (json) process.stdout.write(`${JSON.stringify(fetched)}\n`);
      else (isAlone ? process.stdout : process.stderr).write(lineOf(model, fetched));
      return fetched;
    },
    (model, error) => {
      hasFailedDownload ||= error instanceof DownloadError;
      if (json) printFailure(packageOf(model, options.precision), error);
    },
  );
  if (hasFailedDownload) {
    for (const { variable, url } of namedProxies(process.env))
      process.stderr.write(`The proxy in ${variable} is ${url.origin}.\n`);
    process.stderr.write(otherSources(source !== undefined));
  }
  if (!json && !isAlone && results.size > 0) process.stdout.write(tableOf(models, results, options));
}

async function fetchOne(
  model: ZooModel,
  { modelsDir, precision, source }: FetchModelsOptions,
  showLicense: () => void,
): Promise<FetchedModel> {
  const request: FetchRequest = { model, modelsDir, precision, ...(source !== undefined && { source }) };
  const report = fetchReport(request, showLicense);
  try {
    const { packageDir, isNew }: Fetched = await fetchModel({ ...request, ...report });
    return { model: packageOf(model, precision), package: packageDir, isNew, bytes: await sizeOf(packageDir) };
  } finally {
    report.stop();
  }
}

function lineOf({ name }: ZooModel, { package: packageDir, isNew }: FetchedModel): string {
  return `${name}: ${isNew ? '' : 'already on disk, '}${oneLine(packageDir)}\n`;
}

function tableOf(
  models: readonly ZooModel[],
  results: ReadonlyMap<ZooModel, FetchedModel>,
  { precision, modelsDir }: FetchModelsOptions,
): string {
  const rows = models.map((model) => {
    const fetched = results.get(model);
    return [
      packageOf(model, precision),
      fetched === undefined ? 'failed' : fetched.isNew ? 'fetched' : 'was on disk',
      fetched === undefined ? '-' : megabytes(fetched.bytes),
      accuracy(model.publishedTop1),
      accuracy(model.measuredTop1),
    ];
  });
  const bytes = [...results.values()].reduce((sum, fetched) => sum + fetched.bytes, 0);
  return `${table([HEADINGS, ...rows], ALIGN_RIGHT)}
${results.size} of ${models.length} in ${oneLine(modelsDir)}, ${megabytes(bytes)}. Top-1 in percent, in fp32. To measure it here: npx autoswiftnet evaluate DIR --model all
`;
}

async function sizeOf(packageDir: string): Promise<number> {
  const files = Object.keys((await readManifestFile(packageDir)).files);
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(packageDir, file))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Says what helps where a network does not reach the server. */
function otherSources(hasSource: boolean): string {
  return hasSource
    ? 'A download failed. Check --source, or give another URL or folder that holds the released files: --source URL|DIR\n'
    : "A download failed. If this machine cannot reach the authors' server, download the files elsewhere and give their folder or another server: --source URL|DIR\n";
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (!done) work();
    done = true;
  };
}
