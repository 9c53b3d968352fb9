import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LayerBuildError } from '../../layers/errors.ts';
import { filesIn } from '../../layers/measure-tree.ts';
import { buildRuntimeLayer, runtimeLock } from '../../layers/runtime-layer.ts';

/**
 * Replaces npm: it records how it was called, and installs a few files with the names of the real
 * packages, or fails.
 */
const NPM = (body: string) => `#!${process.execPath}
const { appendFileSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
function install(path) {
  const file = join('node_modules', path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, path);
}
${body}`;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runtime-layer-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function fakeNpm(body: string): string {
  const path = join(folder, 'npm');
  writeFileSync(path, NPM(body));
  chmodSync(path, 0o755);
  return path;
}

const INSTALLS = `
  appendFileSync(join(__dirname, 'calls'), JSON.stringify({ argv: process.argv.slice(2), manifest: JSON.parse(readFileSync('package.json', 'utf8')) }) + '\\n');
  for (const path of ['onnxruntime-node/dist/index.js', 'onnxruntime-node/dist/index.d.ts', 'onnxruntime-node/bin/napi-v6/linux/arm64/a.so',
    'onnxruntime-node/bin/napi-v6/linux/x64/a.so', '@img/sharp-linux-arm64/lib/sharp.node', 'adm-zip/index.js', '.package-lock.json']) install(path);
`;

function calls(): { argv: string[]; manifest: { dependencies: Record<string, string> } }[] {
  return readFileSync(join(folder, 'calls'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test("npm installs the locked versions for the layer's platform, without scripts, and only loaded files are kept", () => {
  const layer = buildRuntimeLayer({
    architecture: 'arm64',
    cacheDir: join(folder, 'cache'),
    npm: fakeNpm(INSTALLS),
  });

  expect(layer.name).toBe('runtime-arm64');
  expect(filesIn(layer.folder)).toEqual([
    'nodejs/node_modules/@img/sharp-linux-arm64/lib/sharp.node',
    'nodejs/node_modules/onnxruntime-node/bin/napi-v6/linux/arm64/a.so',
    'nodejs/node_modules/onnxruntime-node/dist/index.js',
  ]);
  const [{ argv, manifest }] = calls() as [ReturnType<typeof calls>[number]];
  expect(argv).toEqual(
    expect.arrayContaining(['ci', '--os=linux', '--cpu=arm64', '--libc=glibc', '--ignore-scripts', '--prefer-offline']),
  );
  expect(manifest.dependencies).toEqual({ 'libheif-js': '1.23.2', 'onnxruntime-node': '1.30.0', sharp: '0.35.5' });
});

test('the second time nothing is installed and the hash is the same; another architecture gives another layer', () => {
  const options = { cacheDir: join(folder, 'cache'), npm: fakeNpm(INSTALLS) };
  const first = buildRuntimeLayer({ ...options, architecture: 'arm64' });

  const second = buildRuntimeLayer({ ...options, architecture: 'arm64' });
  expect(second).toEqual(first);
  expect(calls()).toHaveLength(1);

  const other = buildRuntimeLayer({ ...options, architecture: 'x64' });
  expect(other.folder).not.toBe(first.folder);
  expect(other.hash).not.toBe(first.hash);
  expect(calls()).toHaveLength(2);
});

test('another lock file gives another layer', () => {
  const options = { cacheDir: join(folder, 'cache'), npm: fakeNpm(INSTALLS), architecture: 'arm64' } as const;
  const lockFile = join(folder, 'lock.json');
  const lock = JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'));
  lock.packages['node_modules/sharp'].version = '0.35.4';
  writeFileSync(lockFile, JSON.stringify(lock));

  const one = buildRuntimeLayer(options);
  const other = buildRuntimeLayer({ ...options, lock: runtimeLock(lockFile) });

  expect(other.folder).not.toBe(one.folder);
});

test("the error has npm's output, and the next attempt starts again", () => {
  const cacheDir = join(folder, 'cache');
  const failing = () =>
    buildRuntimeLayer({
      architecture: 'x64',
      cacheDir,
      npm: fakeNpm(
        `install('onnxruntime-node/dist/half.js'); process.stderr.write('ENOTFOUND the registry'); process.exit(1);`,
      ),
    });
  expect(failing).toThrow(LayerBuildError);
  expect(failing).toThrow(
    /npm ci failed to install libheif-js, onnxruntime-node and sharp .*ENOTFOUND the registry.*needs npm's registry the first time/s,
  );

  const layer = buildRuntimeLayer({ architecture: 'x64', cacheDir, npm: fakeNpm(INSTALLS) });

  expect(filesIn(layer.folder)).not.toContain('nodejs/node_modules/onnxruntime-node/dist/half.js');
});
