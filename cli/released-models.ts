import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AutoSwiftNetError } from '../classifier/errors.ts';
import type { Manifest, Precision } from '../classifier/manifest.ts';
import type { ZooModel } from '../models/zoo/zoo.ts';
import { isExpected, reportError } from './report-error.ts';

/** In place of a model's name: all released models. */
export const ALL = 'all';

export const PRECISIONS: readonly Precision[] = ['fp32', 'int8', 'fp16'];

/**
 * @throws {ModelNotFoundError} with the command that fetches it, when the model's package is not in
 *   `modelsDir`
 */
export async function requireOnDisk(model: ZooModel, precision: Precision, modelsDir: string): Promise<void> {
  const packageDir = join(modelsDir, packageOf(model, precision));
  if ((await stat(packageDir).catch(() => null)) !== null) return;
  const { ModelNotFoundError } = await import('./choose-model.ts');
  const option = precision === 'fp32' ? '' : ` --precision ${precision}`;
  throw new ModelNotFoundError(
    `model ${packageOf(model, precision)} is not in ${modelsDir}. Download it with: npx autoswiftnet models fetch ${model.name}${option}`,
  );
}

/** Returns the name of a model's package: `resnet50_swsl`, `resnet50_swsl.int8`. */
export function packageOf({ name }: ZooModel, precision: Precision): string {
  return precision === 'fp32' ? name : `${name}.${precision}`;
}

/**
 * Does the work for each model, one after the other. A model that fails is named on standard error
 * and does not stop the others; the last line names all that failed, and the exit code is 1.
 * @param onFailure what else to do with the error
 * @returns the results of those that did not fail
 */
export async function forEachModel<T>(
  models: readonly ZooModel[],
  work: (model: ZooModel) => Promise<T>,
  onFailure: (model: ZooModel, error: Error) => void,
): Promise<Map<ZooModel, T>> {
  const results = new Map<ZooModel, T>();
  for (const model of models) {
    try {
      results.set(model, await work(model));
    } catch (error) {
      reportError(error, model.name);
      if (!isExpected(error)) throw error;
      onFailure(model, error);
    }
  }
  const failed = models.filter((model) => !results.has(model));
  if (failed.length > 0) process.exitCode = 1;
  if (failed.length > 0 && models.length > 1)
    process.stderr.write(`${failed.length} of ${models.length} failed: ${failed.map(({ name }) => name).join(', ')}\n`);
  return results;
}

/** Prints a failure as `--json` does: one line in place of the model's result. */
export function printFailure(name: string, error: Error): void {
  const code = error instanceof AutoSwiftNetError ? error.code : 'failed';
  process.stdout.write(`${JSON.stringify({ model: name, error: { code, message: error.message } })}\n`);
}

/** Whose weights a package has, as the tables say it. */
export type Weights = 'released' | 'other';

/** What the tables say below about their column of weights. */
export const ABOUT_WEIGHTS = 'Weights: whether the package was made from the released checkpoint, by its SHA-256.';

/** Tells whether a package has the weights that the authors released. */
export function weightsOf({ source }: Manifest, { sha256Prefix }: ZooModel): Weights {
  return source.sha256.startsWith(sha256Prefix) ? 'released' : 'other';
}

/** Formats an accuracy as `81.15`, or `-`. */
export function accuracy(value: number | null): string {
  return value === null ? '-' : value.toFixed(2);
}
