import { Command } from 'commander';
import { readManifest } from '../classifier/manifest.ts';
import { fidelityText } from './fidelity-text.ts';
import { oneLine } from './report-error.ts';

interface VerifyOptions {
  readonly json?: true;
}

export function modelsVerifyCommand(): Command {
  return new Command('verify')
    .description('verify a model package: its manifest, its checksums, and its self-test on this machine')
    .argument('<package>', 'the folder of the package')
    .option('--json', 'print one JSON object, and nothing else, to standard output')
    .action(verify);
}

async function verify(packageDir: string, { json }: VerifyOptions): Promise<void> {
  const { verifyPackage } = await import('../models/verify.ts');
  const result = await verifyPackage(packageDir);
  for (const { code, message } of result.faults)
    process.stderr.write(`${oneLine(packageDir)}: ${code}: ${oneLine(message)}\n`);
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else if (result.ok && result.selfTest) {
    const { maxDifference, tolerance } = result.selfTest;
    const { precision, fidelity } = await readManifest(packageDir);
    process.stdout.write(
      `${oneLine(packageDir)}: valid (self-test: largest difference ${maxDifference.toPrecision(2)}, allowed ${tolerance.toPrecision(2)})\n` +
        (fidelity === null ? '' : `${precision}: ${fidelityText(fidelity)}\n`),
    );
  }
  if (!result.ok) process.exitCode = 1;
}
