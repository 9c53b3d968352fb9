import { readlink } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'undici';
import * as z from 'zod';

/** Where Node listens for a debugger, unless `--inspect-port` says otherwise. */
const INSPECT_PORT = 9229;
const PATIENCE_MS = 10_000;
const TRY_EVERY_MS = 50;

const targetsSchema = z.tuple([z.object({ webSocketDebuggerUrl: z.string() })]);
const answerSchema = z.object({ id: z.number(), result: z.unknown() });
const pidSchema = z.object({ result: z.object({ value: z.number() }) });

/**
 * Makes a process of Node collect what it no longer needs, through its debugger: SIGUSR1 makes any
 * process of Node listen for one. It stops listening afterwards. Any other program, such as the
 * bundler that a clone runs in, is left alone: the signal would end it.
 * @throws {Error} when another process listens on the port, or the process does not answer
 */
export async function collectGarbage(pid: number, port = INSPECT_PORT): Promise<void> {
  if ((await readlink(`/proc/${pid}/exe`)) !== process.execPath) return;
  process.kill(pid, 'SIGUSR1');
  const socket = await connect(port);
  let last = 0;
  function call(method: string, params: object = {}): Promise<unknown> {
    const id = ++last;
    socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve, reject) => {
      socket.addEventListener('close', () => reject(new Error(`process ${pid} closed its debugger`)));
      socket.addEventListener('message', ({ data }) => {
        const answer = answerSchema.safeParse(JSON.parse(String(data)));
        if (answer.data?.id === id) resolve(answer.data.result);
      });
    });
  }
  try {
    const answer = pidSchema.parse(await call('Runtime.evaluate', { expression: 'process.pid' }));
    const other = answer.result.value;
    if (other !== pid)
      throw new Error(`process ${other} listens for a debugger on port ${port}: expected process ${pid}`);
    await call('HeapProfiler.collectGarbage');
    // The process ends the connection before it answers.
    await call('Runtime.evaluate', { expression: 'process._debugEnd()' }).catch(() => {});
  } finally {
    socket.close();
  }
}

async function connect(port: number): Promise<WebSocket> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      const targets = targetsSchema.parse(await (await fetch(`http://127.0.0.1:${port}/json/list`)).json());
      const socket = new WebSocket(targets[0].webSocketDebuggerUrl);
      await new Promise((resolve, reject) => {
        socket.addEventListener('open', resolve);
        socket.addEventListener('error', reject);
      });
      return socket;
    } catch (error) {
      if (performance.now() > deadline)
        throw new Error(`nothing listens for a debugger on port ${port}`, { cause: error });
      await delay(TRY_EVERY_MS);
    }
  }
}
