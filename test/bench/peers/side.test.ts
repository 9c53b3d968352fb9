import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RunningSide } from '../../../bench/peers/side.ts';

const SERVE = fileURLToPath(new URL('../../../bench/peers/sides/serve.mjs', import.meta.url));

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'peers-side-'));
  await writeFile(join(folder, 'picture'), 'bytes');
});

afterAll(() => rm(folder, { recursive: true }));

/** Starts a program that serves with the function `classify`. */
async function start(name: string, classify: string): Promise<RunningSide> {
  const program = join(folder, `${name}.mjs`);
  await writeFile(program, `import { serve } from ${JSON.stringify(SERVE)};\nawait serve(${classify});\n`);
  return new RunningSide({ name, precision: 'fp32', command: [process.execPath, program] }, 0);
}

test('a side gets the bytes and the number of classes, and answers with times and memory', async () => {
  const side = await start('echo', 'async (bytes, top) => [{ index: top, probability: bytes.length }]');
  const picture = join(folder, 'picture');

  const [first, second] = [await side.ask(picture, 7), await side.ask(picture)];
  await side.close();

  expect(first.classes).toEqual([{ index: 7, probability: 5 }]);
  expect(second.classes).toEqual([{ index: 1, probability: 5 }]);
  expect(first.cpuMsSinceStart).toBeGreaterThan(first.cpuMs);
  expect(first.peakMb).toBeGreaterThanOrEqual(first.residentMb);
  expect(first.residentMb).toBeGreaterThan(10);
});

test('a side that fails is named, with what it wrote', async () => {
  const side = await start('broken', "async () => { throw new Error('no such model'); }");

  await expect(side.ask(join(folder, 'picture'))).rejects.toThrow(
    /broken fp32 exited instead of classifying .*picture: [\s\S]*no such model/,
  );
  await side.close();
});
