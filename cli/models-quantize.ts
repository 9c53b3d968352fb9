import { Command } from 'commander';
import { fidelityText } from './fidelity-text.ts';
import { oneLine } from './report-error.ts';

interface QuantizeCommandOptions {
  readonly out: string;
  readonly images?: string;
  readonly force?: true;
}

export function modelsQuantizeCommand(): Command {
  return new Command('quantize')
    .description('make an int8 package of an fp32 one: a quarter of its size, and faster')
    .argument('<package>', 'the folder of the fp32 package')
    .requiredOption('--out <package>', 'the folder to create')
    .option(
      '--images <dir>',
      'pictures of the kind that will be classified, to calibrate and to compare with; 64 or more',
    )
    .option('--force', 'replace a package that is there, and keep one that agrees with fp32 on too few of the images')
    .action(quantize);
}

async function quantize(packageDir: string, options: QuantizeCommandOptions): Promise<void> {
  const { quantizePackage } = await import('../models/quantize.ts');
  const { name, fidelity } = await quantizePackage({
    package: packageDir,
    ...options,
    onWarning: (text) => process.stderr.write(`warning: ${oneLine(text)}\n`),
  });
  process.stdout.write(`${oneLine(options.out)}: ${name}${fidelity === null ? '' : `, ${fidelityText(fidelity)}`}\n`);
}
