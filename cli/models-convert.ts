import { Command } from 'commander';
import { oneLine } from './report-error.ts';

interface ConvertOptions {
  readonly out: string;
  readonly name?: string;
  readonly labels?: string;
  readonly hierarchy?: string;
  readonly key?: string;
  readonly prefix?: string;
  readonly skipObjects?: true;
  readonly force?: true;
}

export function modelsConvertCommand(): Command {
  return new Command('convert')
    .description('convert a ResNet or ResNeXt checkpoint (PyTorch or safetensors) to a model package')
    .argument('<checkpoint>', 'the checkpoint file; code in it is never run')
    .requiredOption('--out <package>', 'the folder to create')
    .option(
      '--name <name>',
      'name of the model (default: the name of the folder; with another name, rename the folder before use)',
    )
    .option(
      '--labels <file>',
      'file of text with one label per line, or of JSON: ["cat", "dog"] or like models/labels/imagenet1k.json (default for 1000 classes: the ImageNet labels)',
    )
    .option(
      '--hierarchy <file>',
      'JSON file of the concepts above the labels, such as dog above poodle: [{"id", "label", "synonyms", "parents"}] (default: WordNet\'s for ImageNet labels, else none)',
    )
    .option(
      '--key <path>',
      'which state dict to convert if the checkpoint has several: its keys, joined with dots, such as model_ema',
    )
    .option(
      '--prefix <text>',
      'which network to convert if the names of several have different prefixes, such as module.encoder_q.',
    )
    .option('--skip-objects', 'leave out objects of unknown classes instead of refusing the checkpoint')
    .option('--force', 'replace an existing package')
    .action(convert);
}

async function convert(checkpoint: string, options: ConvertOptions): Promise<void> {
  const { convertCheckpoint } = await import('../models/convert.ts');
  const manifest = await convertCheckpoint({
    checkpoint,
    ...options,
    onWarning: (text) => process.stderr.write(`warning: ${oneLine(text)}\n`),
  });
  const { name, architecture, classes, parameters, macs } = manifest;
  process.stdout.write(
    `${oneLine(options.out)}: ${name}, ${architecture}, ${classes} classes, ${parameters.toLocaleString('en')} parameters, ${(macs / 1e9).toFixed(2)} GMACs\n`,
  );
}
