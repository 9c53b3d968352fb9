import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Result } from './tally.ts';
import { watch } from './watch.ts';

const PROGRAM = join(import.meta.dirname, 'hostile-child.mjs');
/** Small, so that the test takes no longer than it must. */
const BOUNDS = { cpuMs: 1_500, wallMs: 3_000, memoryMb: 300 };

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-watch-test-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test('a process that crashes, hangs, fills the memory or waits is ended; its input is kept; the rest is tried', async () => {
  const results: Result[] = [];
  const found = join(folder, 'found');

  await watch({
    kind: 'pictures',
    seed: 1,
    from: 0,
    to: 6,
    bounds: BOUNDS,
    found,
    temporary: folder,
    program: PROGRAM,
    onResult: (result) => results.push(result),
  });

  expect(results.map(({ index, outcome }) => [index, outcome])).toEqual([
    [0, 'valid'],
    [1, 'crash'],
    [2, 'hang'],
    [3, 'memory'],
    [4, 'hang'],
    [5, 'valid'],
  ]);
  expect(results.map(({ fault = '' }) => fault)).toEqual([
    '',
    expect.stringContaining('SIGABRT'),
    expect.stringContaining('ms of processor time'),
    expect.stringContaining('the process held'),
    expect.stringMatching(/^no answer after \d+ ms$/),
    '',
  ]);
  expect((await readdir(found)).sort()).toEqual(['pictures-1-1', 'pictures-1-2', 'pictures-1-3', 'pictures-1-4']);
  expect(await readFile(join(found, 'pictures-1-2'), 'utf8')).toBe('input 2');
  // The folders of the processes are gone.
  expect(await readdir(folder)).toEqual(['found']);
});
