import { Command } from 'commander';
import { oneLine } from './report-error.ts';

interface ConvertOptions {
  readonly out: string;
  readonly name?: string;
  readonly labels?: string;
  readonly force?: true;
}

export function modelsConvertCommand(): Command {
  return new Command('convert')
    .description('make a model package of a ResNet or ResNeXt checkpoint (PyTorch or safetensors)')
    .argument('<checkpoint>', 'nothing in it is executed')
    .requiredOption('--out <package>', 'the folder to create')
    .option('--name <name>', "the model's name (default: the file's)")
    .option(
      '--labels <file>',
      "JSON like models/labels/imagenet1k.json, or text with one label a line (default: ImageNet's for 1000 classes)",
    )
    .option('--force', 'replace a package that is there')
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
