/**
 * Synthesizes configurations with stand-ins for the uploaded files, and checks them with the rule
 * packs and CloudFormation's own schemas: `node --import tsx test/infra/synth-program.ts FOLDER
 * CONTEXTS`. CONTEXTS is JSON with a context by name, and each assembly is written to
 * FOLDER/<name>, and once more to FOLDER/again/<name>. The apps of people who use the constructs are
 * written to FOLDER/constructs/<name>. This is its own process, because the CDK
 * takes many seconds to load in a test's sandbox.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, type AppProps, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { readManifest } from '../../classifier/manifest.ts';
import type { Artefacts } from '../../infra/artefacts/artefacts.ts';
import { FUNCTION_NAMES, type ServiceCode } from '../../infra/artefacts/service-code.ts';
import { type Configuration, readConfiguration } from '../../infra/configuration/configuration.ts';
import { AutoSwiftNetStack } from '../../infra/stack.ts';
import { ensureSamplePackage } from '../../models/sample/sample.ts';
import { CONSTRUCT_APPS } from './construct-apps.ts';
import { refusals } from './refused-props.ts';

const [folder = '', contexts = '{}'] = process.argv.slice(2);
const { context: projectContext } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8'));

for (const [name, context] of Object.entries<Record<string, unknown>>(JSON.parse(contexts))) {
  const app = await buildApp(join(folder, name), context);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  synthesize(app);
  (await buildApp(join(folder, 'again', name), context, { builtinCloudFormationValidation: false })).synth();
}

const uploads = await standIns(readConfiguration({}));
writeFileSync(join(folder, 'refusals.json'), JSON.stringify(refusals(uploads)));

for (const [name, addStacks] of Object.entries(CONSTRUCT_APPS)) {
  const app = new App({
    outdir: join(folder, 'constructs', name),
    context: { 'aws:cdk:enable-path-metadata': true },
    analyticsReporting: false,
  });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  const { code, model } = await standIns(
    readConfiguration({ page: true, jwtIssuer: 'https://id.example', jwtAudience: 'a' }),
  );
  addStacks(app, { code, model });
  synthesize(app);
}

function synthesize(app: App): void {
  try {
    app.synth();
  } catch (error) {
    // The report has all the findings, and the tests read it.
    if (!String(error).includes('validation-report.json')) throw error;
  }
}

async function buildApp(outdir: string, context: Record<string, unknown>, props: AppProps = {}): Promise<App> {
  const app = new App({
    ...props,
    outdir,
    context: { ...projectContext, 'aws:cdk:enable-path-metadata': true, ...context },
    analyticsReporting: false,
  });
  const configuration = readConfiguration(app.node.getAllContext());
  new AutoSwiftNetStack(app, configuration.stackName, { configuration, artefacts: await standIns(configuration) });
  return app;
}

async function standIns({ architecture, page }: Configuration): Promise<Artefacts> {
  const packageDir = await ensureSamplePackage(join(folder, 'models'));
  const model = { name: 'sample', packageDir, manifest: await readManifest(packageDir), hashes: standInHashes() };
  return {
    code: {
      functions: standInFunctions(),
      page: page ? standIn('page') : null,
      runtimeLayer: () => standIn(`runtime-${architecture}`),
      modelLayer: () => standIn('model-sample'),
    },
    model,
    heavyPackages: [model],
    workerImage: { folder: standInImage(), dockerfile: 'Dockerfile', exclude: [] },
    notices: [],
  };
}

function standInFunctions(): ServiceCode['functions'] {
  return Object.fromEntries(FUNCTION_NAMES.map((name) => [name, standIn(name)])) as ServiceCode['functions'];
}

function standIn(name: string) {
  const standInFolder = join(folder, 'artefacts', name);
  mkdirSync(standInFolder, { recursive: true });
  writeFileSync(join(standInFolder, 'index.mjs'), name);
  return { name, folder: standInFolder, bytes: name.length, hash: Buffer.from(name).toString('hex').padEnd(64, '0') };
}

function standInHashes() {
  return {
    'model.json': '1'.repeat(64),
    'model.onnx': '2'.repeat(64),
    'weights.bin': '3'.repeat(64),
  };
}

function standInImage(): string {
  const { folder: standInFolder } = standIn('gpu-worker');
  writeFileSync(join(standInFolder, 'Dockerfile'), 'FROM scratch\n');
  return standInFolder;
}
