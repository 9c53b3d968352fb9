import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { listen } from '../../../local/listen.ts';

/** Lambda's Runtime API for one function instance. */
export interface RuntimeApi {
  /** `127.0.0.1:PORT`, in the form of AWS_LAMBDA_RUNTIME_API. */
  readonly address: string;
  /**
   * Hands an event to the function, after the events before it.
   * @returns the function's answer
   * @throws {Error} what the function threw, or why it did not start
   */
  invoke(event: unknown): Promise<unknown>;
  /** Ends the API: everything that waits fails with this reason. */
  fail(reason: Error): void;
  close(): Promise<void>;
}

interface Invocation {
  readonly id: string;
  readonly event: unknown;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

const ANSWER_PATH = /^\/2018-06-01\/runtime\/(?:invocation\/([^/]+)\/(response|error)|init\/error)$/;
const NEXT_PATH = '/2018-06-01/runtime/invocation/next';

/** Starts the endpoint that a Lambda runtime asks for events. */
export async function startRuntimeApi({ timeoutMs }: { readonly timeoutMs: number }): Promise<RuntimeApi> {
  const waiting: Invocation[] = [];
  const running = new Map<string, Invocation>();
  let poll: ServerResponse | null = null;
  let failure: Error | null = null;
  let count = 0;

  function hand(): void {
    const invocation = poll === null ? undefined : waiting.shift();
    if (poll === null || invocation === undefined) return;
    running.set(invocation.id, invocation);
    poll.writeHead(200, {
      'Content-Type': 'application/json',
      'Lambda-Runtime-Aws-Request-Id': invocation.id,
      'Lambda-Runtime-Deadline-Ms': String(Date.now() + timeoutMs),
      'Lambda-Runtime-Invoked-Function-Arn': 'arn:aws:lambda:us-east-1:000000000000:function:boot-test',
    });
    poll.end(JSON.stringify(invocation.event));
    poll = null;
  }

  function fail(reason: Error): void {
    failure ??= reason;
    for (const { reject } of [...running.values(), ...waiting.splice(0)]) reject(failure);
    running.clear();
  }

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === NEXT_PATH) {
      poll = response;
      hand();
      return;
    }
    const [, id, kind] = ANSWER_PATH.exec(request.url ?? '') ?? [];
    const answer = JSON.parse(await text(request));
    response.writeHead(202).end();
    if (id === undefined) return fail(new Error(`the function did not start: ${JSON.stringify(answer)}`));
    if (kind === 'error') running.get(id)?.reject(new Error(`the function threw ${JSON.stringify(answer)}`));
    else running.get(id)?.resolve(answer);
    running.delete(id);
  }

  const server = createServer((request, response) => void take(request, response));
  const port = await listen(server, 0);
  return {
    address: `127.0.0.1:${port}`,
    invoke(event) {
      return new Promise((resolve, reject) => {
        if (failure !== null) return reject(failure);
        waiting.push({ id: String(++count), event, resolve, reject });
        hand();
      });
    },
    fail,
    async close() {
      fail(new Error('the Runtime API was closed'));
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
