/** What a worker does on a GPU when something goes wrong. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { HEAVY_QUEUE } from '../local/names.ts';
import { untilEmpty, type WorkerVariables } from '../test/functions/gpu-worker/heavy-world.ts';
import { answeredBy, measureRound, type Round, untilAnswered, warningsOf } from './gpu-worker-run.ts';
import type { GpuWorld, Served } from './gpu-worker-world.ts';

/** Part of the images after which the first worker is stopped. */
const STOP_AFTER = 0.3;
const NOT_STARTED_MS = 60_000;
const LEFT_MS = 60_000;
const LINE_LENGTH = 1500;

/** Takes all of the card's free memory but some MiB, and keeps it until its standard input ends. */
const HOLD_MEMORY = `
import sys, torch
torch.zeros(1, device='cuda')
free = torch.cuda.mem_get_info()[0]
held = torch.empty(max(0, free - int(sys.argv[1]) * 2**20), dtype=torch.uint8, device='cuda')
torch.cuda.synchronize()
print(torch.cuda.mem_get_info()[0] // 2**20, flush=True)
sys.stdin.read()
`;

/** Stops a worker in the middle of a full queue; a second one answers the rest. */
export async function measureStop(world: GpuWorld, { model, prefix, count, deadline }: Round): Promise<object> {
  const sequencer = await world.ask(prefix, count, model);
  const first = world.start(model);
  await untilAnswered(first, Math.floor(count * STOP_AFTER), deadline);
  const start = performance.now();
  first.child.kill('SIGTERM');
  const exitCode = await first.ended;
  const stopMs = performance.now() - start;
  const left = await world.heavy.queued();
  const second = world.start(model);
  await second.healthUrl;
  const leftAtEnd = await untilEmpty(world.heavy, Math.min(LEFT_MS, deadline - Date.now()));
  second.child.kill('SIGTERM');
  await second.ended;
  return {
    exitCode,
    stopMs,
    images: count,
    answeredByFirst: answeredBy(first),
    left,
    answeredBySecond: answeredBy(second),
    leftAtEnd,
    records: await world.answered(prefix, count, sequencer),
    deadLetters: await world.heavy.queued(`${HEAVY_QUEUE}-dead-letters`),
    log: warningsOf([first, second]).join('\n'),
  };
}

/** Measures a round while another process holds all of the card's memory but `leaveMib`. */
export async function measureWithoutMemory(world: GpuWorld, round: Round, leaveMib: number): Promise<object> {
  const holder = spawn('python3', ['-c', HOLD_MEMORY, String(leaveMib)], { stdio: ['pipe', 'pipe', 'pipe'] });
  try {
    const freeMib = await firstLine(holder);
    return { leaveMib, freeMib, ...(await measureRound([world], round)) };
  } finally {
    holder.stdin.end();
    holder.kill('SIGKILL');
  }
}

/** Starts a worker that cannot start, and returns how it ended and what it said. */
export async function measureRefusal(world: GpuWorld, model: Served, variables: WorkerVariables): Promise<object> {
  const start = performance.now();
  const worker = world.start(model, { AUTOSWIFTNET_PROVIDERS: 'cuda', ...variables });
  const timer = setTimeout(() => worker.child.kill('SIGKILL'), NOT_STARTED_MS);
  const ready = await worker.healthUrl.then(
    () => true,
    () => false,
  );
  if (ready) worker.child.kill('SIGTERM');
  const exitCode = await worker.ended;
  clearTimeout(timer);
  // ONNX Runtime writes more than its errors say to standard error.
  return { ready, exitCode, milliseconds: performance.now() - start, log: worker.lines.map(shortened).join('\n') };
}

function shortened(line: string): string {
  return line.slice(0, LINE_LENGTH);
}

async function firstLine(child: ChildProcess): Promise<number> {
  let errors = '';
  child.stderr?.on('data', (text) => {
    errors += text;
  });
  const ended = once(child, 'close').then(() => {
    throw new Error(`python3 could not hold the card's memory: ${errors.trim().split('\n').at(-1)}`);
  });
  ended.catch(() => {});
  if (child.stdout === null) throw new TypeError('expected a pipe');
  const [text] = await Promise.race([once(child.stdout, 'data'), ended]);
  return Number.parseInt(String(text), 10);
}
