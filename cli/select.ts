import { Command, InvalidArgumentError } from 'commander';
import type { SelectOptions } from './select/run-select.ts';

/** P of the paper, in its setting with a billion images. */
export const DEFAULT_PER_IMAGE = 10;
export const DEFAULT_SHARD_SIZE = 1_000;
const MOST = 1_000_000;

export function selectCommand(): Command {
  return new Command('select')
    .description(
      'select images for training from answers, as the teacher of "Billion-scale semi-supervised learning" does: each class gets its most probable images',
    )
    .argument(
      '<file...>',
      'files of answers, as classify --json, classify --output and export write them; - reads standard input',
    )
    .requiredOption('--per-class <k>', 'most images of a class: those of the highest score', parseCount)
    .option('--per-image <p>', 'most classes of an image: those of the highest score', parseCount, DEFAULT_PER_IMAGE)
    .requiredOption('--out <file>', 'the manifest to write: one line of JSON for each image of a class')
    .option('--model <name>', 'use only the answers of this model (default: all must be of one model)')
    .option('--shards <dir>', 'also write lists of WebDataset shards into this folder, each with all classes')
    .option('--shard-size <n>', 'with --shards: most images of a shard', parseCount, DEFAULT_SHARD_SIZE)
    .option('--force', 'replace files that exist')
    .option('--json', 'print the report as one line of JSON, and nothing else, to standard output')
    .action(async (files: readonly string[], options: SelectOptions) => {
      const { runSelect } = await import('./select/run-select.ts');
      await runSelect(files, options);
    });
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d{1,7}$/.test(text) || count < 1 || count > MOST) {
    throw new InvalidArgumentError(`Use a whole number from 1 to ${MOST}.`);
  }
  return count;
}
