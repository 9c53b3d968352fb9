import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { PREPROCESSING } from '../classifier/preprocessing.ts';
import { publishedPackage } from '../published-package.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let consumer: string;
let installed: string;

/**
 * Packs and installs the built package as npm would: the packed files, and beside them only the
 * dependencies that it declares.
 */
beforeAll(async () => {
  consumer = await mkdtemp(join(tmpdir(), 'asn-build-'));
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', consumer], { cwd: publishedPackage() });
  const [{ filename }] = JSON.parse(stdout);
  installed = join(consumer, 'node_modules/autoswiftnet');
  await mkdir(installed, { recursive: true });
  await run('tar', ['-xzf', join(consumer, filename), '-C', installed, '--strip-components', '1']);
  const { dependencies } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'));
  for (const name of Object.keys(dependencies)) {
    await mkdir(dirname(join(consumer, 'node_modules', name)), { recursive: true });
    await symlink(join(ROOT, 'node_modules', name), join(consumer, 'node_modules', name));
  }
});

afterAll(() => rm(consumer, { recursive: true }));

function inConsumer(args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  const { NODE_OPTIONS: _none, ...env } = process.env;
  return run(process.execPath, args, {
    cwd: consumer,
    env: {
      ...env,
      AUTOSWIFTNET_MODELS: '',
      AUTOSWIFTNET_MODEL: '',
      AUTOSWIFTNET_OFFLINE: '1',
    },
  });
}

test('the published package needs no TypeScript loader and is not private', async () => {
  const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'));

  expect(manifest).not.toHaveProperty('private');
  expect(manifest).not.toHaveProperty('scripts');
  expect(manifest).not.toHaveProperty('devDependencies');
  expect(manifest).toMatchObject({
    repository: { type: 'git' },
    keywords: expect.any(Array),
    files: expect.any(Array),
  });
  expect(Object.keys(manifest.dependencies)).toEqual(expect.arrayContaining(['onnxruntime-node', 'sharp', 'zod']));
  expect(Object.keys(manifest.dependencies)).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/^(tsx|esbuild|preact|oauth4webapi)$/)]),
  );
  expect(manifest.exports['.']).toEqual({
    types: './classifier/index.d.ts',
    default: './library/index.js',
  });
});

test('it has the types of its exports only, and no sources', async () => {
  const paths = await readdir(installed, { recursive: true });

  const types = paths.filter((path) => path.endsWith('.d.ts'));
  expect(types).toContain('classifier/index.d.ts');
  expect(types).toContain('cdk/types/infra/index.d.ts');
  expect(types.filter((path) => !/^(classifier|cdk\/types)\//.test(path))).toEqual([]);
  expect(paths.filter((path) => /\.tsx?$/.test(path) && !path.endsWith('.d.ts'))).toEqual([]);
});

test('its command line runs by plain node: list, and a classification with packages in models/cache of the working directory', async () => {
  const cli = join(installed, 'cli/autoswiftnet.js');

  const listed = await inConsumer([cli, 'models', 'list', '--json']);
  const classified = await inConsumer([cli, 'classify', '--json', join(ROOT, 'models/sample/images/acorn-1.jpg')]);

  expect(JSON.parse(listed.stdout)).toHaveLength(12);
  expect(JSON.parse(classified.stdout)).toMatchObject({
    model: 'sample',
    predictions: [{ label: 'acorn' }, {}, {}, {}, {}],
  });
  expect(await readFile(join(consumer, 'models/cache/sample/model.json'), 'utf8')).toContain('"sample"');
});

test('it contains the finished page', async () => {
  const script = `import { createServer } from 'node:http';
    import { openPage } from ${JSON.stringify(join(installed, 'local/page.js'))};
    const serve = openPage({ origins: () => ({ buckets: [] }), onError: (error) => { throw error; } });
    const server = createServer((request, response) => serve(request, response)).listen(0, '127.0.0.1', async () => {
      const url = 'http://127.0.0.1:' + server.address().port;
      const document = await (await fetch(url)).text();
      const bundle = await fetch(url + /src="([^"]+)"/.exec(document)[1]);
      console.log(bundle.status, bundle.headers.get('content-type'), (await bundle.text()).length > 10_000);
      process.exit();
    });`;

  const { stdout } = await inConsumer(['--input-type=module', '-e', script]);

  expect(stdout).toBe('200 text/javascript; charset=utf-8 true\n');
});

test('it can be imported by its name, with types', async () => {
  await writeFile(
    join(consumer, 'use.ts'),
    `import { type Classifier, openClassifier, type Prediction } from 'autoswiftnet';
     export const open: Promise<Classifier> = openClassifier('x');
     export const first = async (): Promise<Prediction | undefined> => {
       const [entry] = await (await open).classify([]);
       return entry && 'predictions' in entry ? entry.predictions[0] : undefined;
     };
     // @ts-expect-error: a folder's path is a text
     openClassifier(1);`,
  );
  await writeFile(join(consumer, 'package.json'), '{"type":"module"}');

  const imported = await inConsumer([
    '--input-type=module',
    '-e',
    "console.log(Object.keys(await import('autoswiftnet')).sort().join())",
  ]);
  const checked = inConsumer([
    join(ROOT, 'node_modules/typescript/bin/tsc'),
    ...['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--skipLibCheck', 'false'],
    // A program for Node has no types of the browser's.
    ...['--lib', 'es2022', '--typeRoots', join(ROOT, 'node_modules/@types'), '--types', 'node', 'use.ts'],
  ]);

  expect(imported.stdout).toMatch(/blockOtherLoaders,.*decodeImage,openClassifier,readManifest/);
  await expect(checked).resolves.toMatchObject({ stdout: '' });
});

test('the bundled library decodes HEIC in its thread, and refuses a package by the wording of its fields', async () => {
  const broken = join(consumer, 'broken');
  await mkdir(broken);
  await writeFile(join(broken, 'model.json'), '{"formatVersion":1,"classes":"7"}');
  const script = `import { decodeImage, openClassifier } from 'autoswiftnet';
    import { readFileSync } from 'node:fs';
    const preprocessing = ${JSON.stringify(PREPROCESSING)};
    const picture = readFileSync(${JSON.stringify(join(ROOT, 'test/fixtures/heic/whole.heic'))});
    const { format, pixels } = await decodeImage(picture, preprocessing);
    const refusal = await openClassifier(${JSON.stringify(broken)}).catch((error) => error);
    console.log(format, pixels.length, /field classes: .*expected number/.test(refusal.message));
    process.exit();`;

  const { stdout } = await inConsumer(['--input-type=module', '-e', script]);

  expect(stdout).toBe('heic 150528 true\n');
});

test('without the CDK, which is an optional peer, the constructs say what to install', async () => {
  const { peerDependenciesMeta } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'));
  const program = "import('autoswiftnet/cdk').catch(({ message }) => console.log(message))";

  const { stdout } = await inConsumer(['-e', program]);

  expect(peerDependenciesMeta).toEqual({ 'aws-cdk-lib': { optional: true }, constructs: { optional: true } });
  expect(stdout).toBe(
    'autoswiftnet/cdk needs aws-cdk-lib and constructs, and aws-cdk-lib is not installed. Run: npm install aws-cdk-lib constructs\n',
  );
});
