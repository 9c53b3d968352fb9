import { Command, Option } from 'commander';
import { InvalidPackageError } from '../classifier/errors.ts';
import type { Precision } from '../classifier/manifest.ts';
import type { Verification } from '../models/verify.ts';
import { ALL, PRECISIONS } from './released-models.ts';
import { oneLine } from './report-error.ts';

interface VerifyOptions {
  readonly json?: true;
  readonly precision?: Precision;
}

export function modelsVerifyCommand(): Command {
  return new Command('verify')
    .description('verify model packages: their manifest, their checksums, and their self-test on this machine')
    .argument('<name|package>', `the name of a package, its folder, or ${ALL} for all released models`)
    .addOption(new Option('--precision <precision>', `with ${ALL}: which packages (default: fp32)`).choices(PRECISIONS))
    .option('--json', `print one JSON object (with ${ALL} one line per model), and nothing else, to standard output`)
    .action(verify);
}

async function verify(name: string, { json, precision }: VerifyOptions, command: Command): Promise<void> {
  const [{ readSettings }, { verifyPackage }] = await Promise.all([
    import('./settings.ts'),
    import('../models/verify.ts'),
  ]);
  const settings = readSettings();
  if (name === ALL) {
    const { verifyModels } = await import('./verify-models.ts');
    const { ZOO } = await import('../models/zoo/zoo.ts');
    await verifyModels(ZOO, { ...settings, precision, json });
    return;
  }
  if (precision !== undefined) command.error(`error: --precision needs ${ALL} instead of a package`);
  const { findPackage } = await import('./find-package.ts');
  const result = await verifyPackage(await findPackage(name, settings));
  if (!result.ok) printFaults(result);
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else if (result.ok) process.stdout.write(await validText(result));
  if (!result.ok) process.exitCode = 1;
}

function printFaults({ package: packageDir, faults, selfTest }: Verification): void {
  const say = (text: string): boolean => process.stderr.write(`${oneLine(packageDir)}: ${oneLine(text)}\n`);
  for (const { code, message } of faults) say(`${code}: ${message}`);
  if (selfTest === null) say('the self-test was not run, because of these faults');
  say(`${new InvalidPackageError(packageDir, faults).cure}.`);
}

async function validText({ package: packageDir, selfTest }: Verification): Promise<string> {
  if (selfTest === null) return '';
  const [{ readManifest }, { fidelityText }] = await Promise.all([
    import('../classifier/manifest.ts'),
    import('./fidelity-text.ts'),
  ]);
  const { precision, fidelity } = await readManifest(packageDir);
  return (
    `${oneLine(packageDir)}: valid (self-test: largest difference ${selfTest.maxDifference.toPrecision(2)}, allowed ${selfTest.tolerance.toPrecision(2)})\n` +
    (fidelity === null ? '' : `${precision}: ${fidelityText(fidelity)}\n`)
  );
}
