import { match, strictEqual } from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Consumer } from './consumer.ts';

const START_LIMIT_MS = 60_000;
const TAG_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 10_000;
const POLL_MS = 200;

/**
 * Tries `autoswiftnet start`: the page, the API, a tagged upload by the processes that it starts,
 * what the doctor says, and its end by Ctrl-C.
 */
export async function tryStart({ folder, start, run }: Consumer, version: string): Promise<void> {
  const stack = start('npx autoswiftnet start --port 0 --data data');
  try {
    const url = await readyUrl(stack);
    const picture = readFileSync(join(folder, 'photo.jpg'));
    strictEqual((await json(`${url}/health`)).version, version);
    await tryPage(url);
    await tryUpload(url, picture);
    await run(`npx autoswiftnet doctor --url ${url}`);
    signalGroup(stack, 'SIGINT');
    await untilTrue('start did not stop after Ctrl-C', STOP_LIMIT_MS, () => !signalGroup(stack, 0));
  } finally {
    signalGroup(stack, 'SIGKILL');
  }
}

/**
 * Sends a signal to all processes that a command has started, as Ctrl-C does.
 * @returns whether there was one
 */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  try {
    return pid !== undefined && process.kill(-pid, signal);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

function readyUrl(stack: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = '';
    const late = setTimeout(
      () => reject(new Error(`start took more than ${START_LIMIT_MS} ms:\n${printed}`)),
      START_LIMIT_MS,
    );
    const read = (chunk: Buffer) => {
      printed += chunk;
      const [, url] = /^ready (\S+)$/m.exec(printed) ?? [];
      if (url === undefined) return;
      clearTimeout(late);
      resolve(url);
    };
    stack.stdout?.on('data', read);
    stack.stderr?.on('data', read);
    stack.once('exit', (code) => reject(new Error(`start stopped with exit code ${code}:\n${printed}`)));
  });
}

async function tryPage(url: string): Promise<void> {
  const document = await (await fetch(url)).text();
  const [, script] = /<script[^>]* src="([^"]+)"/.exec(document) ?? [];
  const response = await fetch(`${url}${script}`);
  strictEqual(response.status, 200);
  match(response.headers.get('content-type') ?? '', /javascript/);
}

async function tryUpload(url: string, picture: Buffer): Promise<void> {
  const classified = await json(`${url}/classify`, { body: picture, headers: { 'content-type': 'image/jpeg' } });
  strictEqual(classified.predictions[0].label, 'daisy');

  const form = await json(`${url}/uploads`, {
    body: JSON.stringify({ contentType: 'image/jpeg' }),
    headers: { 'content-type': 'application/json' },
  });
  const body = new FormData();
  for (const [name, value] of Object.entries<string>(form.fields)) body.append(name, value);
  body.append('file', new Blob([picture], { type: 'image/jpeg' }));
  match(String((await fetch(form.url, { method: 'POST', body })).status), /^20\d$/);

  const image = () => json(`${url}/images/${form.id}`);
  await untilTrue('the upload was not tagged', TAG_LIMIT_MS, async () => (await image()).state === 'tagged');
  strictEqual((await image()).predictions[0].label, 'daisy');
}

async function untilTrue(fault: string, limitMs: number, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await isTrue())) {
    if (performance.now() > end) throw new Error(`${fault} within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

// biome-ignore lint/suspicious/noExplicitAny: what the API says is checked by what is read of it
type Answer = any;

async function json(
  url: string,
  request?: { body: string | Uint8Array; headers: Record<string, string> },
): Promise<Answer> {
  const response = await fetch(url, request === undefined ? {} : { method: 'POST', ...request });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`);
  return JSON.parse(text);
}
