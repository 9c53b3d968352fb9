import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildOnce } from '../../layers/build-once.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'once-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

test('an existing folder is not built again', () => {
  const target = join(folder, 'deep', 'layer');
  buildOnce(target, (draft) => writeFileSync(join(draft, 'file'), 'first'));

  buildOnce(target, () => {
    throw new Error('made again');
  });

  expect(readFileSync(join(target, 'file'), 'utf8')).toBe('first');
});

test('file modes do not depend on the umask', () => {
  const target = buildOnce(join(folder, 'layer'), (draft) => {
    mkdirSync(join(draft, 'inner'), { mode: 0o700 });
    writeFileSync(join(draft, 'inner', 'file'), '', { mode: 0o600 });
  });

  expect(['.', 'inner', 'inner/file'].map((path) => statSync(join(target, path)).mode & 0o777)).toEqual([
    0o755, 0o755, 0o644,
  ]);
});

test('nothing is left after a failure', () => {
  const build = () =>
    buildOnce(join(folder, 'layer'), (draft) => {
      writeFileSync(join(draft, 'half'), '');
      throw new Error('the network is down');
    });

  expect(build).toThrow('the network is down');
  expect(readdirSync(folder)).toEqual([]);
});

test('when two build at the same time, the first result stays, and both get a complete folder', () => {
  const target = join(folder, 'layer');
  const build = (content: string, meanwhile: () => void) =>
    buildOnce(target, (draft) => {
      meanwhile();
      writeFileSync(join(draft, 'file'), content);
    });

  const folders: string[] = [];
  folders.push(build('slow', () => folders.push(build('fast', () => {}))));

  expect(folders).toEqual([target, target]);
  expect(readFileSync(join(target, 'file'), 'utf8')).toBe('fast');
  expect(readdirSync(folder)).toEqual(['layer']);
});
