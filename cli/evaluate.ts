import { Command, Option } from 'commander';
import type { Precision } from '../classifier/manifest.ts';
import type { Evaluation } from '../models/evaluate.ts';
import type { ConceptScore } from '../models/score-concepts.ts';
import { CountBar } from './progress-bar.ts';
import { ALL, PRECISIONS } from './released-models.ts';
import { isExpected, oneLine, reportError } from './report-error.ts';

interface EvaluateCommandOptions {
  readonly model: string;
  readonly json?: true;
  readonly precision?: Precision;
}

export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description('measure how often a model is right on labelled images, next to its published accuracy')
    .argument(
      '<dir>',
      'folder of labelled images, such as the ImageNet validation set: one subfolder per class, named by its WordNet id or exact label',
    )
    .requiredOption(
      '--model <name|package>',
      `name of a model, folder of a model package, or ${ALL} for all released models`,
    )
    .addOption(
      new Option('--precision <precision>', `with --model ${ALL}: which packages (default: fp32)`).choices(PRECISIONS),
    )
    .option(
      '--json',
      `print one JSON object (with --model ${ALL} one line per model), and nothing else, to standard output`,
    )
    .action(evaluateFolder);
}

async function evaluateFolder(
  folder: string,
  { model, json, precision }: EvaluateCommandOptions,
  command: Command,
): Promise<void> {
  if (model === ALL) {
    const [{ evaluateModels }, { readSettings }, { ZOO }] = await Promise.all([
      import('./evaluate-models.ts'),
      import('./settings.ts'),
      import('../models/zoo/zoo.ts'),
    ]);
    return await evaluateModels(ZOO, { ...readSettings(), folder, precision, json });
  }
  if (precision !== undefined) command.error(`error: --precision needs --model ${ALL}`);
  const [{ blockOtherLoaders, openClassifier }, { evaluate }, { chooseModel }, { readSettings }] = await Promise.all([
    import('../classifier/index.ts'),
    import('../models/evaluate.ts'),
    import('./choose-model.ts'),
    import('./settings.ts'),
  ]);
  const settings = readSettings();
  const say = (line: string): boolean => process.stderr.write(`${line}\n`);
  const packageDir = await chooseModel({ ...settings, requestedModel: model, say });
  // This must come after `chooseModel`, which may make the sample package and then draws images
  // with the loaders that are blocked here.
  blockOtherLoaders();
  const classifier = await openClassifier(packageDir, { limits: settings.limits });
  const bar = new CountBar(classifier.manifest.name, 'images');
  try {
    const evaluation = await evaluate({
      classifier,
      folder,
      limits: settings.limits,
      onProgress: bar.update,
      onSkip(file, error) {
        if (!isExpected(error)) throw error;
        bar.stop();
        reportError(error, file);
        process.exitCode = 1;
      },
    });
    bar.stop();
    process.stdout.write(json ? `${JSON.stringify(evaluation)}\n` : evaluationText(evaluation));
  } finally {
    bar.stop();
    await classifier.close();
  }
}

function evaluationText(evaluation: Evaluation): string {
  const { model, images, top1, top5, imagesPerSecond, publishedTop1, publishedTop5, concepts } = evaluation;
  return `${oneLine(model)}, ${images.toLocaleString('en')} images, ${imagesPerSecond ?? '-'} per second
top-1 ${percent(top1)}  published ${percent(publishedTop1)}
top-5 ${percent(top5)}  published ${percent(publishedTop5)}
${concepts.map(conceptText).join('')}`;
}

/**
 * Says how good the concepts are: `concept at 0.8: 91.20% of the images, right 95.10%, specificity
 * 0.87`.
 */
function conceptText({ threshold, coverage, right, specificity }: ConceptScore): string {
  return `concept at ${threshold}: ${percent(coverage)} of the images, right ${percent(right)}, specificity ${specificity ?? '-'}\n`;
}

function percent(value: number | null): string {
  return value === null ? '-' : `${value.toFixed(2)}%`;
}
