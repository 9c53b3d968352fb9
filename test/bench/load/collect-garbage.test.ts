import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { collectGarbage } from '../../../bench/load/collect-garbage.ts';
import { readTree } from '../../../bench/load/process-tree.ts';

/** Holds 100 MB of objects, lets go of them, and never collects by itself: it has nothing to do. */
const WASTEFUL = `
let objects = Array.from({ length: 3_000_000 }, (_, index) => ({ index }));
objects = null;
console.log('ready');
setInterval(() => {}, 1_000);
`;

let children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children) {
    child.kill('SIGKILL');
    await once(child, 'close');
  }
  children = [];
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** @param option `inspect` listens from the start, `inspect-port` when it is asked to */
async function start(port: number, option = 'inspect-port'): Promise<number> {
  const child = spawn(process.execPath, [`--${option}=${port}`, '--eval', WASTEFUL], {
    env: {},
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  for await (const line of createInterface({ input: child.stdout })) if (line === 'ready') break;
  return child.pid ?? 0;
}

test('a process gives back what it no longer needs, as often as it is asked', async () => {
  const port = await freePort();
  const pid = await start(port);
  const before = readTree(pid).anonymousMb;

  await collectGarbage(pid, port);
  await collectGarbage(pid, port);

  expect(readTree(pid).anonymousMb).toBeLessThan(before / 2);
});

test('another process on the debugger’s port is not taken for the one that is asked', async () => {
  const port = await freePort();
  const [first, second] = [await start(port, 'inspect'), await start(port)];

  await expect(collectGarbage(second, port)).rejects.toThrow(
    `process ${first} listens for a debugger on port ${port}: expected process ${second}`,
  );
});

test('a program that is not Node is left alone', async () => {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  children.push(child);

  await collectGarbage(child.pid ?? 0);

  expect(child.signalCode).toBeNull();
});
