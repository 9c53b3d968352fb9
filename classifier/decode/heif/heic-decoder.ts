import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { HeicAnswer, HeicRequest } from './heic-protocol.ts';

/**
 * A thread whose memory has grown above this ends after its picture, so that the memory is given
 * back. A picture of 12 megapixels needs 91 MB (`bench/heic.ts`).
 */
const KEPT_MEMORY_BYTES = 128 * 1024 * 1024;

/** Only these are removed after an answer: a Worker has listeners of its own, which it needs. */
const EVENTS = ['message', 'error', 'exit'] as const;

let idle: Worker | undefined;
let turn: Promise<unknown> = Promise.resolve();

/**
 * Decodes a picture in the HEIC thread, one at a time in the whole process, because each may need
 * hundreds of megabytes. Nothing is started before the first call, and an idle thread does not keep
 * the process alive.
 */
export function askHeicThread(request: HeicRequest): Promise<HeicAnswer> {
  const answer = turn.then(() => ask(request));
  turn = answer.catch(() => undefined);
  return answer;
}

async function ask(request: HeicRequest): Promise<HeicAnswer> {
  const thread = idle ?? startThread();
  idle = undefined;
  thread.ref();
  try {
    const answer = await new Promise<HeicAnswer>((resolve, reject) => {
      thread.once('message', resolve);
      thread.once('error', reject);
      thread.once('exit', () => reject(new Error('the HEIC thread ended unexpectedly')));
      thread.postMessage(request);
    });
    if (canStay(answer)) idle = thread;
    return answer;
  } finally {
    for (const event of EVENTS) thread.removeAllListeners(event);
    thread.unref();
    if (idle === undefined) await thread.terminate();
  }
}

function canStay(answer: HeicAnswer): boolean {
  if (answer.kind === 'decoded') return answer.memoryBytes <= KEPT_MEMORY_BYTES;
  return answer.kind === 'refused';
}

/**
 * Starts the thread. In a clone the sources are TypeScript, so the thread must load tsx first.
 * Elsewhere the thread's file lies, compiled or bundled, beside this one, with the same extension.
 */
function startThread(): Worker {
  const extension = extname(import.meta.url);
  const module = new URL(`./heic-thread${extension}`, import.meta.url);
  if (extension !== '.ts') return new Worker(module, { execArgv: [] });
  const tsx = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const bootstrap = `import(${tsx}).then(({ register }) => { register(); return import(${JSON.stringify(module.href)}); });`;
  return new Worker(bootstrap, { eval: true, execArgv: [] });
}
