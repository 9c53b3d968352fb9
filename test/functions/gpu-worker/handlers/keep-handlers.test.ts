import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setImmediate as immediately } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { HandlerProcessError } from '../../../../functions/gpu-worker/errors.ts';
import { keepHandlers } from '../../../../functions/gpu-worker/handlers/keep-handlers.ts';
import type { Inference } from '../../../../functions/gpu-worker/handlers/serve-inference.ts';
import { type HandlerProcess, startHandler } from '../../../../functions/gpu-worker/handlers/start-handler.ts';

/** A process that becomes ready and ends when a test says so. */
class StandIn implements HandlerProcess {
  readonly pid = 1;
  readonly ready: Promise<void>;
  readonly ended: Promise<string>;
  stops: number[] = [];
  begin = () => {};
  end: (how: string) => void = () => {};

  constructor() {
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
    this.ready = new Promise((resolve, reject) => {
      this.begin = resolve;
      void this.ended.then((how) => reject(new HandlerProcessError(how)));
    });
    this.ready.catch(() => {});
  }

  held(): number {
    return 3;
  }

  stop(withinMs: number): void {
    this.stops.push(withinMs);
    this.end('exit code 0');
  }

  kill(): void {
    throw new TypeError('it has ended');
  }
}

function keeping(count: number, sound = 60_000) {
  const started: StandIn[] = [];
  const told: unknown[] = [];
  const handlers = keepHandlers({
    count,
    start() {
      started.push(new StandIn());
      return started.at(-1) as StandIn;
    },
    onReady: () => told.push('ready'),
    onEnded: (_handler, how, againInMs) => told.push([how, againInMs]),
    onStuck: () => told.push('stuck'),
    waits: { first: 1, longest: 4, sound, closing: 1 },
  });
  handlers.ready.catch(() => {});
  const another = async () => {
    const before = started.length;
    while (started.length === before) await new Promise((resolve) => setTimeout(resolve, 1));
    return started.at(-1) as StandIn;
  };
  return { handlers, started, told, another };
}

test('so many are started, and it is ready when all of them are', async () => {
  const { handlers, started, told } = keeping(2);
  started[0]?.begin();
  await immediately();
  expect([started.length, handlers.running(), handlers.held()]).toEqual([2, 1, 6]);
  started[1]?.begin();
  await handlers.ready;

  expect([handlers.running(), told]).toEqual([2, ['ready', 'ready']]);
  await handlers.stop(0);
});

test('one of the first that ends before it is ready is an error that says how', async () => {
  const { handlers, started } = keeping(2);
  started[1]?.end('SIGKILL');

  await expect(handlers.ready).rejects.toThrow(HandlerProcessError);
  await expect(handlers.ready).rejects.toThrow('ended (SIGKILL) before it was ready');
  await handlers.stop(0);
});

test('one that ends is started again, after a wait that doubles up to the longest', async () => {
  const { handlers, started, told, another } = keeping(1);
  started[0]?.begin();
  await handlers.ready;
  for (let end = 0; end < 4; end += 1) {
    started.at(-1)?.end('SIGSEGV');
    await another();
    expect(handlers.running()).toBe(0);
  }

  expect(told).toEqual(['ready', ['SIGSEGV', 1], ['SIGSEGV', 2], ['SIGSEGV', 4], ['SIGSEGV', 4]]);
  started.at(-1)?.begin();
  await immediately();
  expect(handlers.running()).toBe(1);
  await handlers.stop(0);
});

test('after a sound life the wait is the first one again', async () => {
  const { handlers, started, told, another } = keeping(1, 0);
  for (let end = 0; end < 2; end += 1) {
    started.at(-1)?.end('exit code 1');
    await another();
  }

  expect(told).toEqual([
    ['exit code 1', 1],
    ['exit code 1', 1],
  ]);
  await handlers.stop(0);
});

test('stopping asks each one, waits for its end, and starts none again', async () => {
  const { handlers, started, told } = keeping(2);
  await handlers.stop(500);
  await new Promise((resolve) => setTimeout(resolve, 5));

  expect(started.map(({ stops }) => stops)).toEqual([[500], [500]]);
  expect(told).toEqual([]);
});

describe('a process', () => {
  let folder: string;
  const started: HandlerProcess[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'handlers-'));
  });

  afterEach(async () => {
    for (const handler of started) handler.kill();
    await rm(folder, { recursive: true });
  });

  test('that is stuck, and does not hear that it must stop, is killed', async () => {
    const program = pathToFileURL(join(folder, 'stuck.mjs'));
    await writeFile(program, "process.send({ kind: 'ready' }, () => { for (;;); });");
    const outputs = { stdout: new PassThrough(), stderr: new PassThrough() };
    const inference = {} as Inference;
    const killed: (number | undefined)[] = [];
    const handlers = keepHandlers({
      count: 1,
      start() {
        const handler = startHandler(program, inference, outputs);
        started.push(handler);
        return handler;
      },
      onReady: () => {},
      onEnded: () => {},
      onStuck: ({ pid }) => killed.push(pid),
      waits: { first: 1, longest: 1, sound: 1, closing: 1 },
    });
    await handlers.ready;

    await handlers.stop(0);

    expect(await started[0]?.ended).toBe('SIGKILL');
    expect(killed).toEqual([started[0]?.pid]);
  });
});
