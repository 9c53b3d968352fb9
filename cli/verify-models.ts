import { join } from 'node:path';
import { InvalidPackageError } from '../classifier/errors.ts';
import { type Precision, readManifestFile } from '../classifier/manifest.ts';
import { type Verification, verifyPackage } from '../models/verify.ts';
import type { ZooModel } from '../models/zoo/zoo.ts';
import {
  ABOUT_WEIGHTS,
  accuracy,
  forEachModel,
  packageOf,
  printFailure,
  requireOnDisk,
  type Weights,
  weightsOf,
} from './released-models.ts';
import { oneLine } from './report-error.ts';
import { table } from './table.ts';

export interface VerifyModelsOptions {
  readonly modelsDir: string;
  /** Default fp32. */
  readonly precision?: Precision | undefined;
  /** Whether to print one line of JSON for each model, and nothing else, to standard output. */
  readonly json?: boolean | undefined;
}

interface Verified {
  readonly verification: Verification;
  readonly weights: Weights;
}

const HEADINGS = [
  'model',
  'package',
  'weights',
  'self-test: difference',
  'allowed',
  'published top-1',
  'measured by timm',
];
const ALIGN_RIGHT = [false, false, false, true, true, true, true];

/**
 * Verifies the packages of released models and prints one table. A package that is missing or
 * faulty is named on standard error and does not stop the others.
 */
export async function verifyModels(models: readonly ZooModel[], options: VerifyModelsOptions): Promise<void> {
  const { modelsDir, precision = 'fp32', json } = options;
  const results = await forEachModel(
    models,
    async (model): Promise<Verified> => {
      const packageDir = join(modelsDir, packageOf(model, precision));
      await requireOnDisk(model, precision, modelsDir);
      const verification = await verifyPackage(packageDir);
      if (json) process.stdout.write(`${JSON.stringify(verification)}\n`);
      if (!verification.ok) throw new InvalidPackageError(packageDir, verification.faults);
      return { verification, weights: weightsOf(await readManifestFile(packageDir), model) };
    },
    (model, error) => {
      // A faulty package has a line with its faults already.
      if (json && !(error instanceof InvalidPackageError)) printFailure(packageOf(model, precision), error);
    },
  );
  if (!json) process.stdout.write(tableOf(models, results, { modelsDir, precision }));
}

function tableOf(
  models: readonly ZooModel[],
  results: ReadonlyMap<ZooModel, Verified>,
  { modelsDir, precision }: { readonly modelsDir: string; readonly precision: Precision },
): string {
  const rows = models.map((model) => {
    const { verification, weights } = results.get(model) ?? {};
    return [
      packageOf(model, precision),
      verification === undefined ? 'failed' : 'valid',
      weights ?? '-',
      verification?.selfTest?.maxDifference.toPrecision(2) ?? '-',
      verification?.selfTest?.tolerance.toPrecision(2) ?? '-',
      accuracy(model.publishedTop1),
      accuracy(model.measuredTop1),
    ];
  });
  return `${table([HEADINGS, ...rows], ALIGN_RIGHT)}
${results.size} of ${models.length} in ${oneLine(modelsDir)} are valid. ${ABOUT_WEIGHTS} Top-1 in percent, in fp32.
`;
}
