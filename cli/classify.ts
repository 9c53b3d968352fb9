import { once } from 'node:events';
import { Command, InvalidArgumentError } from 'commander';
import type { Classifier, ClassifyEntry } from '../functions/classifier/index.ts';
import { ImageTooLargeError } from '../functions/errors.ts';
import { classificationJson, classificationText } from './classification-output.ts';
import { readImage, UnreadableFileError } from './read-image.ts';
import { reportError } from './report-error.ts';

interface ClassifyCommandOptions {
  readonly model?: string;
  readonly top: number;
  readonly json?: true;
}

export const DEFAULT_TOP = 5;

export function classifyCommand(): Command {
  return new Command('classify')
    .description('what is in a picture: JPEG, PNG, WebP, GIF, TIFF or AVIF')
    .argument('<file...>', 'pictures, one answer each in this order; - is standard input')
    .option('--model <name|package>', 'default: AUTOSWIFTNET_MODEL, else resnet50_swsl.int8, else the sample model')
    .option('--top <n>', 'how many labels', parseTop, DEFAULT_TOP)
    .option('--json', 'one line of JSON per picture and nothing else on standard output')
    .action(classifyFiles);
}

async function classifyFiles(files: readonly string[], { model, top, json }: ClassifyCommandOptions): Promise<void> {
  const [{ blockOtherLoaders, openClassifier }, { chooseModel }, { readSettings }] = await Promise.all([
    import('../functions/classifier/index.ts'),
    import('./choose-model.ts'),
    import('./settings.ts'),
  ]);
  const settings = readSettings();
  const say = (line: string): boolean => process.stderr.write(`${line}\n`);
  const packageDir = await chooseModel({ ...settings, wanted: model ?? settings.model, say });
  // Not before: making a package draws pictures to compare it on.
  blockOtherLoaders();
  const classifier = await openClassifier(packageDir, { limits: settings.limits });
  const toOutput = json ? classificationJson : classificationText;
  try {
    for (const file of files) {
      const entry = await classifyFile(file, classifier, { top, maxBytes: settings.limits.maxBytes });
      if ('error' in entry) {
        reportError(entry.error, file);
        process.exitCode = 1;
      }
      await write(toOutput(file, entry, classifier.manifest.name));
    }
  } finally {
    await classifier.close();
  }
}

/** A file that cannot be read, or is no picture, is an entry like any other; what throws is the model, and then no other file would do better. */
async function classifyFile(
  file: string,
  classifier: Classifier,
  { top, maxBytes }: { readonly top: number; readonly maxBytes: number },
): Promise<ClassifyEntry> {
  let bytes: Uint8Array;
  try {
    bytes = await readImage(file, maxBytes);
  } catch (error) {
    if (error instanceof UnreadableFileError || error instanceof ImageTooLargeError) return { error };
    throw error;
  }
  const [entry] = await classifier.classify([bytes], { top });
  if (!entry) throw new Error('classify gave no entry for its one input');
  return entry;
}

/** Waits while the reader is slower than we are, so that answers do not pile up in memory. */
async function write(text: string): Promise<void> {
  if (text !== '' && !process.stdout.write(text)) await once(process.stdout, 'drain');
}

function parseTop(text: string): number {
  const top = Number(text);
  if (!/^\d{1,6}$/.test(text) || top < 1) throw new InvalidArgumentError('Expected a whole number from 1 on.');
  return top;
}
