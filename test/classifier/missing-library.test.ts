import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { missingLibrary } from '../../classifier/missing-library.ts';

const onLinux = process.platform === 'linux' ? test : test.skip;
const PROVIDER = 'libonnxruntime_providers_cuda.so';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-library-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

onLinux('names the library that another one needs (needs Linux)', async () => {
  const packageDir = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
  const native = join(packageDir, 'bin', 'napi-v6', process.platform, process.arch);
  const binding = await readFile(join(native, 'onnxruntime_binding.node'), 'latin1');
  const changed = binding.replaceAll('libonnxruntime.so.1', 'libcublasNone.so.13');
  expect(changed).not.toBe(binding);
  await writeFile(join(folder, PROVIDER), changed, 'latin1');

  expect(missingLibrary('cuda', folder)).toMatch(/^libcublasNone\.so\.13: cannot open shared object file/);
});

onLinux('names the library itself where there is none (needs Linux)', () => {
  expect(missingLibrary('cuda', folder)).toContain(`${join(folder, PROVIDER)}: cannot open shared object file`);
});

onLinux('is null for a library that can be loaded (needs Linux)', async () => {
  const { sharedObjects }: { sharedObjects: string[] } = JSON.parse(JSON.stringify(process.report.getReport()));
  const maths = sharedObjects.find((path) => /\/libm[.-]/.test(path)) ?? 'the C library of mathematics is not loaded';
  await copyFile(maths, join(folder, PROVIDER));

  expect(missingLibrary('cuda', folder)).toBeNull();
});
