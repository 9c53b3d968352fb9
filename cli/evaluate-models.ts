import { join } from 'node:path';
import { blockOtherLoaders, type DecodeLimits, openClassifier, type Precision } from '../classifier/index.ts';
import { type Evaluation, evaluate } from '../models/evaluate.ts';
import type { ZooModel } from '../models/zoo/zoo.ts';
import { CountBar } from './progress-bar.ts';
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
import { isExpected, oneLine, reportError } from './report-error.ts';
import { table } from './table.ts';

export interface EvaluateModelsOptions {
  /** See EvaluateOptions. */
  readonly folder: string;
  readonly limits: DecodeLimits;
  readonly modelsDir: string;
  /** Default fp32. */
  readonly precision?: Precision | undefined;
  /** Whether to print one line of JSON for each model, and nothing else, to standard output. */
  readonly json?: boolean | undefined;
}

interface Evaluated {
  readonly evaluation: Evaluation;
  readonly weights: Weights;
}

const HEADINGS = ['model', 'weights', 'images', 'top-1', 'published', 'timm', 'top-5', 'published', 'timm', 'images/s'];
const ALIGN_RIGHT = [false, false, true, true, true, true, true, true, true, true];

/**
 * Evaluates released models on a folder of labelled images and prints one table, measured beside
 * published. What a model reached is told on standard error as soon as it is known, because all of
 * ImageNet takes hours. A model that fails does not stop the others.
 */
export async function evaluateModels(models: readonly ZooModel[], options: EvaluateModelsOptions): Promise<void> {
  // An image that cannot be read is named once, not for every model.
  const skipped = new Set<string>();
  blockOtherLoaders();
  const results = await forEachModel(
    models,
    async (model) => {
      const evaluated = await evaluateOne(model, options, skipped);
      const { evaluation } = evaluated;
      if (options.json) process.stdout.write(`${JSON.stringify(evaluation)}\n`);
      else
        process.stderr.write(
          `${model.name}: top-1 ${accuracy(evaluation.top1)}, published ${accuracy(model.publishedTop1)}\n`,
        );
      return evaluated;
    },
    (model, error) => {
      if (options.json) printFailure(packageOf(model, options.precision ?? 'fp32'), error);
    },
  );
  if (!options.json && results.size > 0) process.stdout.write(tableOf(models, results, options));
}

async function evaluateOne(
  model: ZooModel,
  { folder, limits, modelsDir, precision = 'fp32' }: EvaluateModelsOptions,
  skipped: Set<string>,
): Promise<Evaluated> {
  await requireOnDisk(model, precision, modelsDir);
  const classifier = await openClassifier(join(modelsDir, packageOf(model, precision)), { limits });
  const bar = new CountBar(classifier.manifest.name, 'images');
  try {
    const evaluation = await evaluate({
      classifier,
      folder,
      limits,
      onProgress: bar.update,
      onSkip(file, error) {
        if (!isExpected(error)) throw error;
        if (skipped.has(file)) return;
        skipped.add(file);
        bar.stop();
        reportError(error, file);
        process.exitCode = 1;
      },
    });
    const { publishedTop1, publishedTop5 } = model;
    return {
      evaluation: { ...evaluation, publishedTop1, publishedTop5 },
      weights: weightsOf(classifier.manifest, model),
    };
  } finally {
    bar.stop();
    await classifier.close();
  }
}

function tableOf(
  models: readonly ZooModel[],
  results: ReadonlyMap<ZooModel, Evaluated>,
  { folder, precision = 'fp32' }: EvaluateModelsOptions,
): string {
  const rows = models.map((model) => {
    const { evaluation, weights } = results.get(model) ?? {};
    return [
      packageOf(model, precision),
      weights ?? 'failed',
      evaluation?.images.toLocaleString('en') ?? '-',
      accuracy(evaluation?.top1 ?? null),
      accuracy(model.publishedTop1),
      accuracy(model.measuredTop1),
      accuracy(evaluation?.top5 ?? null),
      accuracy(model.publishedTop5),
      accuracy(model.measuredTop5),
      evaluation?.imagesPerSecond?.toFixed(1) ?? '-',
    ];
  });
  return `${table([HEADINGS, ...rows], ALIGN_RIGHT)}
Percent of the images in ${oneLine(folder)}, measured here with ${precision} packages, beside what the authors published and timm measured, in fp32 on ImageNet's 50,000 validation images. ${ABOUT_WEIGHTS}
`;
}
