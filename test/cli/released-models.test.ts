import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { appendFile, cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ZOO, type ZooModel } from '../../models/zoo/zoo.ts';
import { writeLegacyCheckpoint } from '../models/checkpoint/write-legacy.ts';
import { RELEASED_NETWORKS, randomNetwork } from '../models/graph/random-network.ts';
import { publishedPackage } from '../published-package.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let folder: string;
let modelsDir: string;
let mirror: string;
let labelled: string;
let server: Server;
let standIns: ZooModel[];
/** The files that were asked for, in order. */
const requested: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'asn-released-'));
  [modelsDir, mirror, labelled] = ['models', 'mirror', 'labelled'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await mkdir(mirror);
  for (const [wnid, image] of [
    ['n07873807', 'pizza-2.jpg'],
    ['n12267677', 'acorn-1.jpg'],
  ] as const) {
    await mkdir(join(labelled, wnid), { recursive: true });
    await cp(join(ROOT, 'models/sample/images', image), join(labelled, wnid, image));
  }
  standIns = [];
  for (const [seed, model] of ZOO.entries()) standIns.push(await makeStandIn(model, seed));
  await writeFile(join(folder, 'models.json'), JSON.stringify(standIns));
  server = createServer((request, response) => {
    const name = basename(request.url ?? '');
    requested.push(name);
    createReadStream(join(mirror, name))
      .on('error', () => response.writeHead(404).end())
      .pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

/** Writes a thin checkpoint of the model's architecture: all its blocks, but four channels. */
async function makeStandIn(model: ZooModel, seed: number): Promise<ZooModel> {
  const path = join(mirror, `${model.name}.pth`);
  const { kind, depth, groups } = RELEASED_NETWORKS[model.architecture] ?? { kind: 'basic', depth: [1, 1, 1, 1] };
  const thin = { kind, depth, stem: 4, ...(groups !== undefined && { groups: 4, widthPerGroup: 1 }) };
  await writeLegacyCheckpoint(path, randomNetwork(thin, 1000 * seed + 1));
  const sha256 = createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
  const fileName = `${model.name}-${sha256.slice(0, 8)}.pth`;
  await cp(path, join(mirror, fileName));
  return { ...model, fileName, sha256Prefix: sha256.slice(0, 8), checkpointBytes: (await stat(path)).size };
}

function run(args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...process.env, AUTOSWIFTNET_MODELS: modelsDir, AUTOSWIFTNET_OFFLINE: '1', AUTOSWIFTNET_DEBUG: '' },
  });
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (piece: Buffer) => out.push(piece));
  child.stderr.on('data', (piece: Buffer) => err.push(piece));
  return new Promise((resolve) =>
    child.on('close', (code) =>
      resolve({ code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() }),
    ),
  );
}

function runCommand(...args: string[]) {
  return run([join(publishedPackage(), 'cli/autoswiftnet.js'), ...args]);
}

function fetchAll(...options: string[]) {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const driver = join(ROOT, 'test/cli/fetch-stand-ins.ts');
  const source = `http://127.0.0.1:${port}/mirror`;
  return run([
    '--import',
    import.meta.resolve('tsx'),
    driver,
    join(folder, 'models.json'),
    modelsDir,
    source,
    ...options,
  ]);
}

const jsonLines = (text: string): Record<string, unknown>[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

const BROKEN = 'resnext101_32x4d_ssl';

test('fetch, verify and evaluate all: one table each, and a failing model stops no other', async () => {
  // A mirror that lacks one file.
  const broken = standIns.find(({ name }) => name === BROKEN)?.fileName ?? '';
  await cp(join(mirror, broken), join(folder, broken));
  await rm(join(mirror, broken));

  const first = await fetchAll();

  expect(first.code).toBe(1);
  expect(first.err).toMatch(/^resnext101_32x4d_ssl: .*404/m);
  expect(first.err).toMatch(/^1 of 12 failed: resnext101_32x4d_ssl$/m);
  expect(first.out.match(/^resnex?t\w+ +fetched +\d\.\d MB +\d\d\.\d0 +\d\d\.\d\d$/gm)).toHaveLength(11);
  expect(first.out).toMatch(/^resnext101_32x4d_ssl +failed +- +81\.00 +80\.94$/m);
  expect(first.out).toMatch(/^11 of 12 in /m);

  const [verified, evaluated] = [
    await runCommand('models', 'verify', 'all'),
    await runCommand('evaluate', labelled, '--model', 'all'),
  ];

  for (const { code, err } of [verified, evaluated]) {
    expect(code).toBe(1);
    expect(err).toMatch(/^resnext101_32x4d_ssl: .* npx autoswiftnet models fetch resnext101_32x4d_ssl$/m);
    expect(err).toMatch(/^1 of 12 failed: resnext101_32x4d_ssl$/m);
  }
  expect(verified.out.match(/^resnex?t\w+ +valid +other +\S+ +\S+ +\d\d\.\d0 +\d\d\.\d\d$/gm)).toHaveLength(11);
  const row =
    /^resnex?t\w+ +other +2 +(0|50|100)\.00 +\d\d\.\d0 +\d\d\.\d\d +(0|50|100)\.00 +\d\d\.\d0 +\d\d\.\d\d +\d+\.\d$/gm;
  expect(evaluated.out.match(row)).toHaveLength(11);

  // The mirror is complete again: only the missing model is downloaded.
  await cp(join(folder, broken), join(mirror, broken));
  requested.length = 0;
  const second = await fetchAll('--json');

  expect(second).toMatchObject({ code: 0 });
  expect(requested).toEqual([broken]);
  expect(jsonLines(second.out).map(({ model, isNew }) => [model, isNew])).toEqual(
    ZOO.map(({ name }) => [name, name === BROKEN]),
  );
});

test('--json prints a line per model, with its faults, and a name is verified like a folder', async () => {
  await fetchAll();
  await appendFile(join(modelsDir, 'resnet18_ssl/weights.bin'), 'x');
  await rm(join(modelsDir, 'resnet50_ssl'), { recursive: true });

  const [verified, evaluated, sound, faulty, absent, int8] = await Promise.all([
    runCommand('models', 'verify', 'all', '--json'),
    runCommand('evaluate', labelled, '--model', 'all', '--json'),
    runCommand('models', 'verify', 'resnet18_swsl', '--json'),
    runCommand('models', 'verify', 'resnet18_ssl'),
    runCommand('models', 'verify', 'resnet50_ssl'),
    runCommand('models', 'verify', 'all', '--precision', 'int8'),
  ]);

  expect(verified.code).toBe(1);
  expect(verified.err).toMatch(/^2 of 12 failed: resnet18_ssl, resnet50_ssl$/m);
  expect(jsonLines(verified.out)).toHaveLength(12);
  expect(jsonLines(verified.out)[0]).toMatchObject({ ok: false, faults: [{ code: 'file-size' }] });
  expect(jsonLines(verified.out)[1]).toMatchObject({ model: 'resnet50_ssl', error: { code: 'model-not-found' } });
  expect(jsonLines(verified.out)[2]).toMatchObject({ ok: true, selfTest: { tolerance: expect.any(Number) } });
  expect(jsonLines(evaluated.out)[1]).toMatchObject({ model: 'resnet50_ssl', error: { code: 'model-not-found' } });
  expect(jsonLines(evaluated.out)[11]).toMatchObject({
    model: 'resnext101_32x16d_swsl',
    images: 2,
    publishedTop1: 84.8,
  });
  expect(sound).toMatchObject({ code: 0, err: '' });
  expect(jsonLines(sound.out)).toEqual([
    expect.objectContaining({ package: join(modelsDir, 'resnet18_swsl'), ok: true }),
  ]);
  expect(faulty).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/resnet18_ssl: file-size: /) });
  expect(absent).toMatchObject({ code: 1, err: expect.stringMatching(/models fetch resnet50_ssl/) });
  expect(int8.err).toMatch(/models fetch resnet18_ssl --precision int8/);
});

test.each([
  [['models', 'verify', 'resnet18_ssl', '--precision', 'int8'], /--precision needs all/],
  [['evaluate', 'x', '--model', 'resnet18_ssl', '--precision', 'int8'], /--precision needs --model all/],
])('%j is wrong use', async (args, message) => {
  expect(await runCommand(...args)).toMatchObject({ code: 2, err: expect.stringMatching(message) });
});
