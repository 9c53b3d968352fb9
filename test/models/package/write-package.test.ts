import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PackageExistsError, PackageWriteError } from '../../../models/package/errors.ts';
import { writePackage } from '../../../models/package/write-package.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'write-package-'));
});

afterEach(() => rm(folder, { recursive: true }));

const fillWith = (text: string) => async (partial: string) => {
  await writeFile(join(partial, 'model.json'), text);
  return text;
};

async function makePackage(text: string): Promise<string> {
  const out = join(folder, 'out');
  await mkdir(out);
  await writeFile(join(out, 'model.json'), text);
  return out;
}

test('the final name appears only when everything is written, and nothing else is left', async () => {
  const out = join(folder, 'out');

  const result = await writePackage(out, {}, async (partial) => {
    await fillWith('new')(partial);
    expect((await readdir(folder)).every((name) => name.startsWith('.out.partial-'))).toBe(true);
    return 42;
  });

  expect(result).toBe(42);
  expect(await readdir(folder)).toEqual(['out']);
  expect(await readdir(out)).toEqual(['model.json']);
});

test('after an error nothing is left, and it is the same error', async () => {
  const error = new RangeError('mine');
  const attempt = writePackage(join(folder, 'out'), {}, async (partial) => {
    await fillWith('new')(partial);
    throw error;
  });

  await expect(attempt).rejects.toBe(error);
  expect(await readdir(folder)).toEqual([]);
});

test('with force a package is replaced, and after an error the old one is still there', async () => {
  const out = await makePackage('old');
  const failing = async () => {
    throw new RangeError('mine');
  };

  await expect(writePackage(out, { force: true }, failing)).rejects.toThrow(RangeError);
  expect(await readFile(join(out, 'model.json'), 'utf8')).toBe('old');
  await writePackage(out, { force: true }, fillWith('new'));
  expect(await readFile(join(out, 'model.json'), 'utf8')).toBe('new');
  expect(await readdir(folder)).toEqual(['out']);
});

test('without force an existing package is kept, and nothing is computed', async () => {
  const out = await makePackage('old');
  let calls = 0;

  const attempt = writePackage(out, {}, async () => {
    calls += 1;
  });

  await expect(attempt).rejects.toThrow(PackageExistsError);
  expect(calls).toBe(0);
  expect(await readFile(join(out, 'model.json'), 'utf8')).toBe('old');
});

test.each([
  [
    'a folder with more than a package in it',
    async (out: string) => writeFile(join(await mkdirAt(out), 'notes.txt'), 'x'),
  ],
  ['a file', async (out: string) => writeFile(out, 'x')],
  ['a link to a package', async (out: string) => symlink(await mkdirAt(`${out}-real`), out)],
])('%s is not replaced, force or not', async (_, make) => {
  const out = join(folder, 'out');
  await make(out);
  const before = await readdir(folder, { recursive: true });

  for (const force of [false, true]) {
    await expect(writePackage(out, { force }, fillWith('new'))).rejects.toThrow(PackageExistsError);
  }
  expect(await readdir(folder, { recursive: true })).toEqual(before);
});

test('a folder that appears while the package is made is not replaced', async () => {
  const out = join(folder, 'out');
  const attempt = writePackage(out, {}, async (partial) => {
    await fillWith('new')(partial);
    await makePackage('of another process');
  });

  await expect(attempt).rejects.toThrow(PackageExistsError);
  expect(await readFile(join(out, 'model.json'), 'utf8')).toBe('of another process');
  expect(await readdir(folder)).toEqual(['out']);
});

test('errors of the disk become PackageWriteErrors', async () => {
  await writeFile(join(folder, 'file'), 'x');
  await expect(writePackage(join(folder, 'file/out'), {}, fillWith('new'))).rejects.toThrow(PackageWriteError);

  const attempt = writePackage(join(folder, 'out'), {}, (partial) => writeFile(join(partial, 'no/such/folder'), 'x'));
  await expect(attempt).rejects.toThrow(PackageWriteError);
  expect(await readdir(folder)).toEqual(['file']);
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s leaves nothing behind and ends the process', async (signal) => {
  const module = new URL('../../../models/package/write-package.ts', import.meta.url).href;
  const script = `
    const { writePackage } = await import(${JSON.stringify(module)});
    await writePackage(${JSON.stringify(join(folder, 'out'))}, {}, async (partial) => {
      (await import('node:fs')).writeFileSync(partial + '/weights.bin', 'half');
      console.log('writing');
      await new Promise((resolve) => setTimeout(resolve, 20_000));
    });`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  expect(await readdir(folder)).toHaveLength(1);

  child.kill(signal);
  const [, endedBy] = await once(child, 'exit');

  expect(endedBy).toBe(signal);
  expect(await readdir(folder)).toEqual([]);
});

async function mkdirAt(path: string): Promise<string> {
  await mkdir(path);
  return path;
}
