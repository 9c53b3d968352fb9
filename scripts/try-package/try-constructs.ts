import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Consumer } from './consumer.ts';

/** What somebody with the CDK has installed, and the rule packs that the examples must pass. */
export interface CdkVersions {
  readonly cdk: string;
  readonly constructs: string;
  readonly nag: string;
}

/** Runs an example with the rule packs, which throw at the first synthesis with a finding. */
const WITH_RULES = `const { App, Validations } = require('aws-cdk-lib');
const { AwsSolutionsChecks, ServerlessChecks } = require('cdk-nag');

const { synth } = App.prototype;
App.prototype.synth = function (...given) {
  Validations.of(this).addPlugins(new AwsSolutionsChecks(this), new ServerlessChecks(this));
  return synth.apply(this, given);
};
`;

/** Names of the modules that Node cannot load as plain JavaScript. */
const TYPESCRIPT = /\.ts$/;

/**
 * Checks that the library does without the CDK, and that the constructs say what is missing.
 * @throws {Error} when they do not
 */
export async function tryWithoutCdk({ run }: Consumer): Promise<void> {
  await run(`node -e "import('autoswiftnet')"`);
  const { stdout } = await run(
    `node -e "import('autoswiftnet/cdk').then(() => console.log('loaded'), (error) => console.log(error.message))"`,
  );
  if (!stdout.includes('npm install aws-cdk-lib constructs')) {
    throw new Error(`without the CDK, autoswiftnet/cdk does not say what to install, but: ${stdout}`);
  }
}

/**
 * Synthesizes the examples with one version of the CDK: those in JavaScript as they are, and those
 * in TypeScript after a compilation with strict options.
 * @param root the clone, whose examples, compiler and types of Node are used
 * @throws {Error} at the first example that cannot be compiled, or has a finding of the rule packs
 */
export async function tryExamples(consumer: Consumer, root: string, versions: CdkVersions): Promise<void> {
  const { folder, run } = consumer;
  await run(
    `npm install --ignore-scripts aws-cdk-lib@${versions.cdk} constructs@${versions.constructs} cdk-nag@${versions.nag}`,
  );
  const examples = readdirSync(join(root, 'examples')).filter((name) => /\.(ts|cjs)$/.test(name));
  for (const name of examples) copyFileSync(join(root, 'examples', name), join(folder, name));
  writeFileSync(join(folder, 'with-rules.cjs'), WITH_RULES);
  const typed = examples.filter((name) => TYPESCRIPT.test(name));
  const options = `--strict --target es2023 --lib es2023 --types node --typeRoots ${root}/node_modules/@types --rootDir . --outDir compiled`;
  mkdirSync(join(folder, 'compiled'), { recursive: true });
  writeFileSync(join(folder, 'compiled/package.json'), '{ "type": "module" }');
  await run(
    `node ${root}/node_modules/typescript/bin/tsc ${options} --module esnext --moduleResolution bundler ${typed.join(' ')}`,
  );
  for (const name of examples) {
    const program = TYPESCRIPT.test(name) ? `compiled/${name.replace(TYPESCRIPT, '.js')}` : name;
    const out = `cdk.out/${versions.cdk}/${name}`;
    await run(`CDK_OUTDIR=${out} node --require ./with-rules.cjs ${program}`);
    requireNoFindings(name, join(folder, out, 'validation-report.json'));
  }
}

function requireNoFindings(example: string, report: string): void {
  const { pluginReports } = JSON.parse(readFileSync(report, 'utf8'));
  if (!isDeepStrictEqual(pluginReports, [])) {
    throw new Error(`the example ${example} has findings: ${JSON.stringify(pluginReports, null, 2)}`);
  }
}
