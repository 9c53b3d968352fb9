import { basename } from 'node:path';
import { Command } from 'commander';
import { fidelityText } from './fidelity-text.ts';
import { oneLine } from './report-error.ts';
import { StepProgress } from './step-progress.ts';

interface QuantizeCommandOptions {
  readonly out: string;
  readonly images?: string;
  readonly force?: true;
}

export function modelsQuantizeCommand(): Command {
  return new Command('quantize')
    .description('make an int8 package from an fp32 package: a quarter of the size, and faster')
    .argument('<package>', 'the folder of the fp32 package')
    .requiredOption('--out <package>', "the folder to create; its name is the new model's and ends in .int8")
    .option(
      '--images <dir>',
      'folder of 64 or more images like those to classify later: they calibrate the int8 model and compare it with fp32',
    )
    .option('--force', 'replace an existing package, and keep the result even if it agrees with fp32 on too few images')
    .action(quantize);
}

async function quantize(packageDir: string, options: QuantizeCommandOptions): Promise<void> {
  const { quantizePackage } = await import('../models/quantize.ts');
  const progress = new StepProgress(basename(options.out));
  const { name, fidelity } = await quantizePackage({
    package: packageDir,
    ...options,
    onStep: progress.update,
    onWarning(text) {
      progress.stop();
      process.stderr.write(`warning: ${oneLine(text)}\n`);
    },
  }).finally(progress.stop);
  process.stdout.write(`${oneLine(options.out)}: ${name}${fidelity === null ? '' : `, ${fidelityText(fidelity)}`}\n`);
}
