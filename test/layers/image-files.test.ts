import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { workerContext } from '../../infra/artefacts/image-context.ts';
import { filesIn } from '../../layers/measure-tree.ts';
import { UPLOADS_BUCKET } from '../../local/names.ts';
import { ensureSamplePackage } from '../../models/sample/sample.ts';
import { preparedDockerfile } from '../../scripts/worker-context.ts';
import { openHeavyWorld, untilEmpty } from '../functions/gpu-worker/heavy-world.ts';
import { samplePicture } from '../integration/uploads.ts';
import { copyContext } from './docker-context.ts';

const RUN = ['--import', 'tsx', fileURLToPath(new URL('../../layers/image-files.ts', import.meta.url))];
const DOCKERFILE = fileURLToPath(new URL('../../functions/gpu-worker/Dockerfile', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The user nobody, who owns none of the files and may write only into temporary folders. */
const NOBODY = 65_534;

const isContainersPlatform = process.platform === 'linux' && process.arch === 'x64';
const onContainersPlatform = isContainersPlatform ? test : test.skip;

let folder: string;
let app: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-image-'));
  app = join(folder, 'app');
  await chmod(folder, 0o755);
  if (isContainersPlatform) execFileSync(process.execPath, [...RUN, app]);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

onContainersPlatform(
  'the tree holds the program and what it loads of two packages, for linux x64, and nothing else (needs linux x64)',
  async () => {
    const files = await readdir(app, { recursive: true });

    expect((await readdir(app)).sort()).toEqual([
      'handler.js',
      'handler.js.LEGAL.txt',
      'heic-thread.js',
      'main.js',
      'main.js.LEGAL.txt',
      'node_modules',
      'package.json',
      'thread.js',
      ...(files.includes('thread.js.LEGAL.txt') ? ['thread.js.LEGAL.txt'] : []),
    ]);
    expect((await readdir(join(app, 'node_modules'))).sort()).toEqual([
      '@img',
      'detect-libc',
      'libheif-js',
      'onnxruntime-common',
      'onnxruntime-node',
      'semver',
      'sharp',
    ]);
    expect(files.filter((path) => /\.ts$|\.map$|darwin|win32|arm64|\/script\//.test(path))).toEqual([]);
    const bundle = await readFile(join(app, 'main.js'), 'utf8');
    expect(bundle).not.toContain(ROOT);
  },
);

onContainersPlatform('it is not written over a folder that is there (needs linux x64)', () => {
  const { status, stderr } = spawnSync(process.execPath, [...RUN, app], { encoding: 'utf8' });

  expect([status === 0, stderr]).toEqual([
    false,
    expect.stringContaining('already exists. Give the path of a folder that does not exist yet.'),
  ]);
});

onContainersPlatform(
  'the tree alone, with the rights of nobody, answers an image and ends in good order (needs linux x64)',
  async () => {
    const models = join(folder, 'models');
    const packageDir = await ensureSamplePackage(models);
    const world = await openHeavyWorld(packageDir);
    try {
      await world.ask({ source: await world.put('daisy.jpg', await samplePicture('daisy-1')) });
      const uid = process.getuid?.() === 0 ? NOBODY : undefined;
      const worker = world.startWorker(
        { AUTOSWIFTNET_MODEL_CACHE: '/nonexistent', AUTOSWIFTNET_HANDLERS: '2' },
        { path: join(app, 'main.js'), options: [], uid },
      );

      expect((await fetch(await worker.healthUrl)).status).toBe(200);
      expect(await untilEmpty(world, 20_000)).toBe(0);
      expect(await world.records.readRecord({ bucket: UPLOADS_BUCKET, key: 'daisy.jpg' })).toMatchObject({
        state: 'tagged',
        predictions: { 0: { label: 'daisy' } },
      });
      worker.child.kill('SIGTERM');
      expect(await worker.ended).toBe(0);
    } finally {
      await world.close();
    }
  },
  90_000,
);

describe('of exactly the files that the Docker context lets in', () => {
  /**
   * Runs the Dockerfile's own command in the context, with the packages that `npm ci` would
   * install.
   */
  async function makeIn(name: string, context: ReturnType<typeof workerContext>) {
    const [contextFolder, made] = [join(folder, name), join(folder, `${name}-app`)];
    await copyContext(context, contextFolder);
    await symlink(join(ROOT, 'node_modules'), join(contextFolder, 'node_modules'));
    const [, command = ''] = /^RUN node (.+) \/out\/app$/m.exec(await readFile(DOCKERFILE, 'utf8')) ?? [];
    const options = { cwd: contextFolder, encoding: 'utf8' } as const;
    return { made, ...spawnSync(process.execPath, [...command.split(' '), made], options) };
  }

  onContainersPlatform('the same tree is made (needs linux x64)', async () => {
    const { made, status, stderr } = await makeIn('context', workerContext());

    expect([stderr, status]).toEqual(['', 0]);
    expect(filesIn(made)).toEqual(filesIn(app));
    for (const module of ['main.js', 'handler.js', 'thread.js']) {
      expect(await withoutPlaces(join(made, module))).toBe(await withoutPlaces(join(app, module)));
    }
  });

  onContainersPlatform('no tree is made when a floor is not let in (needs linux x64)', async () => {
    const context = workerContext();
    const exclude = context.exclude.filter((pattern) => pattern !== '!classifier');

    const { status, stderr } = await makeIn('incomplete', { ...context, exclude });

    expect(exclude).toHaveLength(context.exclude.length - 1);
    expect([status === 0, stderr]).toEqual([false, expect.stringContaining('Could not resolve "../../classifier/')]);
  });
});

/**
 * Returns a module's text without the folders of its packages, which are linked from elsewhere
 * here.
 */
async function withoutPlaces(module: string): Promise<string> {
  return (await readFile(module, 'utf8')).replaceAll(/[^\s"]*\/node_modules\//g, 'node_modules/');
}

describe('the Dockerfile', () => {
  test('has what a container must have', async () => {
    const text = await readFile(DOCKERFILE, 'utf8');

    for (const line of [
      /^USER worker$/m,
      /^HEALTHCHECK /m,
      /^ENTRYPOINT \["\/usr\/bin\/tini", "--", "node", "\/app\/main\.js"\]$/m,
      /ldd "\$library"/,
      /cudnn-runtime/,
      /^ARG NODE_IMAGE=node:24-/m,
    ]) {
      expect(text).toMatch(line);
    }
  });

  test('is that of the npm package too, from the image itself on; before, it takes the finished program', async () => {
    const ofClone = await readFile(DOCKERFILE, 'utf8');
    const image = ofClone.slice(ofClone.search(/\nFROM \$\{CUDA_IMAGE\}/));

    const prepared = preparedDockerfile(ofClone);

    expect(prepared.endsWith(image)).toBe(true);
    expect(prepared.match(/^COPY (?!--from)(.+) \S+$/gm)).toEqual([
      'COPY runtime-lock.json unpack-lock.mjs copy-native.mjs ./',
      'COPY app /out/app',
    ]);
    expect(() => preparedDockerfile(ofClone.replace('13.0.2', '13.1.0'))).toThrow('has not: ARG CUDA_IMAGE=');
  });

  test('copies all that its context lets in, and nothing else', async () => {
    const text = await readFile(DOCKERFILE, 'utf8');
    const context = join(folder, 'context-to-copy');
    await copyContext(workerContext(), context);

    const copied = [...text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources = '']) => sources.split(' '));

    expect(copied.sort()).toEqual((await readdir(context)).sort());
  });

  /** Runs the loop of the Dockerfile on libraries of this machine. */
  onContainersPlatform(
    'ends the build when a library that is linked is missing, and only then (needs linux x64, ldd)',
    async () => {
      const text = await readFile(DOCKERFILE, 'utf8');
      const check = /^RUN (for library in [\s\S]*?done;)/m.exec(text)?.[1]?.replaceAll('\\\n', '\n') ?? '';
      const run = (script: string) =>
        spawnSync(
          'sh',
          ['-c', script.replaceAll('/app/', `${app}/`).replaceAll('/tmp/linked', join(folder, 'linked'))],
          { encoding: 'utf8' },
        );

      expect(run(check).status).toBe(0);
      // Without ONNX Runtime's own library beside it, its binding misses that one.
      const binding = join(app, 'node_modules/onnxruntime-node/bin/napi-v6/linux/x64/onnxruntime_binding.node');
      const elsewhere = join(folder, 'elsewhere');
      await mkdir(elsewhere);
      await copyFile(binding, join(elsewhere, 'binding.so'));
      await copyFile(binding, join(elsewhere, 'binding.node'));
      const broken = run(check.replaceAll('/app/node_modules/onnxruntime-node/bin/napi-v6/linux/x64', elsewhere));
      expect([broken.status, broken.stdout]).toEqual([1, expect.stringContaining('libonnxruntime.so.1 => not found')]);
    },
  );
});
