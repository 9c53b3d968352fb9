import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { type GpuCase, type GpuRow, measureCase, REFERENCE_IMAGES, referencePixels } from '../../bench/gpu-case.ts';
import { runNode, runQuietly } from '../../bench/gpu-processes.ts';
import { summarise } from '../../bench/gpu-profile.ts';
import { openGpuResults } from '../../bench/gpu-results.ts';
import { readManifest } from '../../classifier/manifest.ts';
import { openSession } from '../../classifier/session.ts';
import { ensureSamplePackage } from '../../models/sample/sample.ts';

const ABOUT = { architecture: 'sample', precision: 'fp32', tf32: false } as const;

let folder: string;
let given: GpuCase;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-gpu-test-'));
  const packageDir = await ensureSamplePackage(folder);
  const reference = join(folder, 'logits');
  const session = await openSession(packageDir, await readManifest(packageDir));
  await writeFile(reference, new Uint8Array((await session.run(referencePixels(), REFERENCE_IMAGES)).slice().buffer));
  await session.release();
  given = { ...ABOUT, provider: 'cpu', packageDir, reference, batches: [-1, 2], seconds: 0.01 };
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function rowsOf(one: GpuCase): Promise<GpuRow[]> {
  const rows: GpuRow[] = [];
  await measureCase(one, (row) => rows.push(row));
  return rows;
}

test('a case is opened, compared and measured, and a step that fails is a row before the next one', async () => {
  const rows = await rowsOf(given);

  expect(rows.map(({ what, batch, error }) => [what, batch, error === undefined])).toEqual([
    ['open', undefined, true],
    ['first run', 1, true],
    ['agreement', undefined, true],
    ['batch', -1, false],
    ['batch', 2, true],
    ['two at once', 2, true],
  ]);
  expect(rows[2]).toMatchObject({ ...ABOUT, maxDifference: 0, sameTop1: '4 of 4' });
  expect(rows[4]?.imagesPerSecond).toBeCloseTo(2000 / (rows[4]?.milliseconds ?? 0));
});

test('a profile has the operators of a run, with the provider of those that run elsewhere', async () => {
  const [row, ...others] = await rowsOf({ ...given, profile: true });

  expect(others).toEqual([]);
  expect(row).toMatchObject({ what: 'profile', batch: 2 });
  expect(row?.operators?.find(({ operator }) => operator === 'Gemm')).toMatchObject({ nodes: 1 });
  const run = { cat: 'Session', name: 'model_run', dur: 900 };
  const node = (dur: number, provider: string) => {
    return {
      cat: 'Node',
      name: 'a_kernel_time',
      dur,
      args: { op_name: 'Conv', provider: `${provider}ExecutionProvider` },
    };
  };
  const graph = { cat: 'Session', name: 'SequentialExecutor::Execute', dur: 700 };
  const events = Array.from({ length: 6 }, () => [
    run,
    graph,
    node(100, 'CUDA'),
    node(200, 'CUDA'),
    node(50, 'CPU'),
  ]).flat();
  expect(summarise(events, 'cuda')).toEqual([
    { operator: 'run', nodes: 1, milliseconds: 0.9 },
    { operator: 'graph', nodes: 1, milliseconds: 0.7 },
    { operator: 'Conv', nodes: 2, milliseconds: 0.3 },
    { operator: 'Conv (CPU)', nodes: 1, milliseconds: 0.05 },
  ]);
});

test('a device that is not there is a row that says so', async () => {
  expect(await rowsOf({ ...given, provider: 'cuda' })).toEqual([
    { ...ABOUT, runtime: 'onnxruntime', what: 'open', error: expect.stringContaining('none of the requested') },
  ]);
});

test('a process that crashes leaves its rows, and a row with the reason', async () => {
  const program = join(folder, 'crash.cjs');
  await writeFile(program, "process.send({ sent: 1 }, () => process.kill(process.pid, 'SIGSEGV'))");
  const rows: object[] = [];
  await runNode(program, ABOUT, [], Date.now() + 3_600_000, async (row) => void rows.push(row));

  const error = 'the process ended (SIGSEGV)';
  expect(rows).toEqual([{ sent: 1 }, { ...ABOUT, runtime: 'onnxruntime', what: 'case', error }]);
});

test('a package that cannot be made is an error with the last line of the process', async () => {
  const program = join(folder, 'fail.cjs');
  await writeFile(program, "console.error('first\\nno space left\\n'); process.exitCode = 1");
  await expect(runQuietly(program, [])).rejects.toThrow(/^no space left$/);
});

test('a process that hangs is killed when the time is over, and none is started after that', async () => {
  const program = join(folder, 'hang.cjs');
  await writeFile(program, 'setInterval(() => {}, 1000)');
  const rows: object[] = [];
  const add = async (row: GpuRow) => void rows.push(row);
  await runNode(program, ABOUT, [], Date.now() + 200, add);
  await runNode(join(folder, 'is-not-there.cjs'), ABOUT, [], Date.now() - 1, add);

  const row = { ...ABOUT, runtime: 'onnxruntime', what: 'case', error: 'not measured: the minutes are over' };
  expect(rows).toEqual([row, row]);
});

test('the file has every row as soon as it is added', async () => {
  const path = join(folder, 'results', 'gpu.json');
  const printed = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  const add = openGpuResults(path, 'cpu');
  const saved: unknown[] = [];
  for (const milliseconds of [1.23456, 2]) {
    await add({ runtime: 'onnxruntime', architecture: 'sample', what: 'open', milliseconds });
    saved.push(JSON.parse(await readFile(path, 'utf8')).rows.map((row: GpuRow) => row.milliseconds));
  }
  printed.mockRestore();

  expect(saved).toEqual([[1.235], [1.235, 2]]);
});
