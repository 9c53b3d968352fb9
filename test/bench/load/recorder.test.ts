import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRecorder } from '../../../bench/load/recorder.ts';

let folder: string;
let idle: ChildProcess;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-recorder-'));
  idle = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1_000)'], { env: {}, stdio: 'ignore' });
  await once(idle, 'spawn');
});

afterAll(async () => {
  idle.kill('SIGKILL');
  await once(idle, 'close');
  await rm(folder, { recursive: true, force: true });
});

function record(options: Partial<Parameters<typeof startRecorder>[0]> = {}) {
  return startRecorder({
    name: 'run',
    title: 'a run',
    pid: idle.pid ?? 0,
    about: {},
    folder,
    intervalMs: 10,
    restMs: 0,
    collect: async () => {},
    print: () => {},
    ...options,
  });
}

test('memory at the last rest is compared with that at the first', async () => {
  const collected: number[] = [];
  const recorder = record({ collect: async (pid) => void collected.push(pid) });

  recorder.onAnswer(1);
  await recorder.rest();
  recorder.onAnswer(1);
  await recorder.rest();
  const { rests, memoryGrowth } = await recorder.end();

  const memory = expect.any(Number);
  expect(rests).toEqual(
    [1, 2].map((done) => ({ done, processes: 1, residentMb: memory, anonymousMb: memory, openFiles: memory })),
  );
  expect(memoryGrowth).toBeCloseTo((rests[1]?.anonymousMb ?? 0) / (rests[0]?.anonymousMb ?? 0), 3);
  expect(collected).toEqual(Array(4).fill(idle.pid));
  expect(JSON.parse(await readFile(join(folder, 'run.json'), 'utf8')).summary).toMatchObject({ rests, memoryGrowth });
});

test('the time of a rest does not count', async () => {
  const recorder = record({ restMs: 300 });

  const start = performance.now();
  recorder.onAnswer(1);
  await recorder.rest();
  const { seconds, memoryGrowth } = await recorder.end();

  expect(seconds).toBeLessThan((performance.now() - start) / 1000 - 0.8);
  expect(memoryGrowth).toBeNull();
});

test('times are those of all answers', async () => {
  const recorder = record();

  for (let time = 200; time > 0; time -= 1) recorder.onAnswer(time);

  expect(await recorder.end()).toMatchObject({ done: 200, p50Ms: 101, p99Ms: 199, errors: 0 });
});
