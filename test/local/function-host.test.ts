import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { FunctionStartError, InvocationError } from '../../local/errors.ts';
import { type FunctionInstance, type FunctionOptions, startFunctionInstance } from '../../local/function-host.ts';
import { moduleOptions, moduleUrl } from '../../local/module-url.ts';

const instances: FunctionInstance[] = [];

function startInstance(options: Partial<FunctionOptions> = {}): FunctionInstance {
  const instance = startFunctionInstance({
    name: 'scripted',
    handler: new URL('./scripted-handler.ts', import.meta.url),
    environment: { PATH: process.env['PATH'] ?? '' },
    timeoutMs: 20_000,
    onLine: () => {},
    ...options,
  });
  instances.push(instance);
  return instance;
}

function batchOf(...bodies: string[]) {
  return { Records: bodies.map((body, index) => ({ messageId: String(index), body, attributes: {} })) };
}

async function pidOf(instance: FunctionInstance, lines: string[]): Promise<number> {
  const before = lines.length;
  await instance.invoke(batchOf('ok'));
  // Lines and answers arrive through different pipes.
  while (lines.length === before) await delay(5);
  return JSON.parse(lines.at(-1) ?? '{}').pid;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

afterEach(async () => {
  await Promise.all(instances.splice(0).map((instance) => instance.close(0)));
});

test('an instance passes the event and a context to its handler, and returns the answer', async () => {
  const instance = startInstance();

  const answer = await instance.invoke({ echo: ['é', 1, null] });

  expect(answer).toEqual({ echo: ['é', 1, null], name: 'scripted', left: expect.any(Number) });
  expect(answer).toHaveProperty('left', expect.closeTo(20_000, -4));
});

test('a handler that returns nothing has answered', async () => {
  expect(await startInstance().invoke(batchOf('nothing'))).toBeUndefined();
});

test('an instance is a process of its own that handles one event at a time', async () => {
  const lines: string[] = [];
  const instance = startInstance({ onLine: (line) => lines.push(line) });
  await instance.ready();

  const start = performance.now();
  await Promise.all([instance.invoke(batchOf('slow')), instance.invoke(batchOf('slow'))]);

  expect(performance.now() - start).toBeGreaterThan(590);
  while (lines.length < 2) await delay(5);
  const pids = lines.map((line) => JSON.parse(line).pid);
  expect(new Set(pids).size).toBe(1);
  expect(pids[0]).not.toBe(process.pid);
});

test('a handler that throws fails the event, and its process continues', async () => {
  const lines: string[] = [];
  const instance = startInstance({ onLine: (line) => lines.push(line) });
  const before = await pidOf(instance, lines);

  const invocation = instance.invoke(batchOf('throw'));

  await expect(invocation).rejects.toThrow(InvocationError);
  await expect(invocation).rejects.toMatchObject({
    code: 'handler-failed',
    message: expect.stringContaining('TypeError: as told'),
  });
  expect(await pidOf(instance, lines)).toBe(before);
});

test('a process that exits during an event fails it, and is replaced', async () => {
  const lines: string[] = [];
  const instance = startInstance({ onLine: (line) => lines.push(line) });
  const before = await pidOf(instance, lines);

  await expect(instance.invoke(batchOf('crash'))).rejects.toMatchObject({ code: 'instance-crashed' });

  expect(await pidOf(instance, lines)).not.toBe(before);
});

test('an event that takes too long fails, and its process is replaced', async () => {
  const lines: string[] = [];
  const instance = startInstance({ timeoutMs: 700, onLine: (line) => lines.push(line) });
  const before = await pidOf(instance, lines);

  await expect(instance.invoke(batchOf('hang'))).rejects.toMatchObject({ code: 'function-timeout' });

  expect(await pidOf(instance, lines)).not.toBe(before);
  expect(isRunning(before)).toBe(false);
});

test('a module that cannot be loaded is a named error', async () => {
  const instance = startInstance({ handler: new URL('./broken-handler.ts', import.meta.url) });

  const ready = instance.ready();

  await expect(ready).rejects.toThrow(FunctionStartError);
  await expect(ready).rejects.toThrow(
    'function scripted could not be loaded: RangeError: this module cannot be loaded',
  );
});

test('closing waits for the event in progress, and leaves no process', async () => {
  const lines: string[] = [];
  const instance = startInstance({ onLine: (line) => lines.push(line) });
  const pid = await pidOf(instance, lines);

  const slow = instance.invoke(batchOf('slow'));
  await delay(50);
  await instance.close(5_000);

  await expect(slow).resolves.toEqual({ batchItemFailures: [] });
  expect(isRunning(pid)).toBe(false);
});

test('an instance whose parent is gone exits, even in the middle of an event', async () => {
  const child = fork(
    fileURLToPath(moduleUrl('./function-instance')),
    [new URL('./scripted-handler.ts', import.meta.url).href],
    {
      execArgv: moduleOptions(),
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    },
  );
  await once(child, 'message');
  child.send({ id: '1', event: batchOf('hang'), functionName: '', functionArn: '', deadlineMs: 0 });
  await delay(100);

  child.disconnect();
  await once(child, 'exit');

  expect(child.signalCode).toBeNull();
});

test('closing does not wait longer than its limit', async () => {
  const instance = startInstance();
  await instance.ready();
  const hanging = expect(instance.invoke(batchOf('hang'))).rejects.toMatchObject({ code: 'instance-crashed' });
  await delay(50);

  await instance.close(100);

  // Not answered, a minute later, but cut off.
  await hanging;
});
