import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { listen } from '../../local/listen.ts';
import { HOST } from '../../local/names.ts';
import type { Fate, Service, Treatment } from './fault-plan.ts';
import { operationOf } from './operation-of.ts';
import { refusalOf } from './refusal.ts';
import { resourceOf } from './resource-of.ts';

/** A stand-in for one service, which passes calls on and treats them as it is told. */
export interface Proxy {
  readonly endpoint: string;
  close(): Promise<void>;
}

export interface ProxyOptions {
  readonly service: Service;
  /** Endpoint of the service. */
  readonly target: string;
  /** Is told of every call, and says what happens to it. */
  readonly treat: (operation: string, resource: () => string) => Treatment;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** Longer than any pause of a test or benchmark, so that no idle connection is closed. */
const KEEP_ALIVE_MS = 600_000;

export async function startProxy({ service, target, treat }: ProxyOptions): Promise<Proxy> {
  const agent = new Agent({ keepAlive: true });
  const server = createServer((incoming, outgoing) => {
    void handle(incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const start = performance.now();
    const body = await buffer(incoming);
    const { delayMs, fate } = treat(operationOf(incoming, body), () => resourceOf(incoming, body));
    const answered = fate === 'drop' ? null : (refuse(fate, incoming) ?? (await pass(incoming, body)));
    if (fate === 'duplicate') await pass(incoming, body);
    const rest = delayMs - (performance.now() - start);
    if (rest > 0) await delay(rest);
    if (answered === null) outgoing.destroy();
    else if (fate === 'reset') await breakOff(outgoing, answered);
    else if (fate === 'cut') cutShort(outgoing, answered);
    else outgoing.writeHead(answered.status, answered.headers).end(answered.body);
  }

  function refuse(fate: Fate, { headers }: IncomingMessage): Answer | null {
    if (fate !== 'refuse' && fate !== 'throttle' && fate !== 'fail') return null;
    const { status, contentType, body } = refusalOf(fate, service, headers);
    const length = { 'content-type': contentType, 'content-length': String(Buffer.byteLength(body)) };
    return { status, headers: length, body: Buffer.from(body) };
  }

  async function pass({ method, url, headers }: IncomingMessage, body: Buffer): Promise<Answer> {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const passed = request(new URL(url ?? '/', target), { method, headers, agent }, resolve);
      passed.on('error', reject);
      passed.end(body);
    });
    return { status: answer.statusCode ?? 502, headers: answer.headers, body: await buffer(answer) };
  }

  const port = await listen(server, 0);
  return {
    endpoint: `http://${HOST}:${port}`,
    async close() {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** Ends an answer in order, after half of its body. It does not say how long it is. */
function cutShort(outgoing: ServerResponse, { status, headers, body }: Answer): void {
  const { 'content-length': _, ...others } = headers;
  outgoing.writeHead(status, others).end(body.subarray(0, body.length >> 1));
}

/** Sends the status and half of the body, then breaks the connection. */
async function breakOff(outgoing: ServerResponse, { status, headers, body }: Answer): Promise<void> {
  outgoing.writeHead(status, headers);
  outgoing.flushHeaders();
  const half = body.subarray(0, body.length >> 1);
  if (half.length > 0) await new Promise((sent) => outgoing.write(half, sent));
  outgoing.destroy();
}
