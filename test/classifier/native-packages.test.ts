import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureSamplePackage } from '../../models/sample/sample.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Makes loading a package fail as it does when its binary is missing. */
const WITHOUT = (name: string) => `
  const Module = require('node:module');
  const load = Module._load;
  Module._load = function (request, ...rest) {
    if (request === '${name}') throw new Error('Cannot find module ../bin/linux/riscv64/binding.node');
    return load.call(this, request, ...rest);
  };`;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'native-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

/**
 * Returns what a new process prints that imports the library and runs `body` while a package is
 * missing.
 */
function runWithout(name: string, body: string): string {
  const hook = join(folder, `${name}.cjs`);
  writeFileSync(hook, WITHOUT(name));
  const program = `
    import { decodeImage, openClassifier } from 'autoswiftnet';
    try { ${body} } catch (error) { console.log(error.name, error.code, error.message); }`;
  return execFileSync(process.execPath, ['--require', hook, '--import', 'tsx', '--input-type=module', '-e', program], {
    cwd: ROOT,
    encoding: 'utf8',
  });
}

test('without sharp the library can be imported, and decoding fails with the platform and the command that helps', () => {
  const output = runWithout(
    'sharp',
    "await decodeImage(Buffer.from('GIF89a'), { resize: 256, crop: 224, interpolation: 'bilinear' })",
  );

  expect(output).toContain(
    `NativePackageError native-package-unavailable sharp cannot be loaded on ${process.platform}-${process.arch}`,
  );
  expect(output).toContain('npm ci');
});

test('without onnxruntime-node, opening a model fails in the same way', async () => {
  const output = runWithout(
    'onnxruntime-node',
    `await openClassifier(${JSON.stringify(await ensureSamplePackage(folder))})`,
  );

  expect(output).toContain(
    `NativePackageError native-package-unavailable onnxruntime-node cannot be loaded on ${process.platform}-${process.arch}`,
  );
  expect(output).toContain('npm ci');
});
