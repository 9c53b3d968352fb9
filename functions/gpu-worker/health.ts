import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { messageOf } from '../../classifier/message-of.ts';
import type { ExecutionProvider, GraphFile, ProviderRefusal } from '../../classifier/onnx-runtime.ts';
import { ConfigurationError } from '../errors.ts';
import type { OpenedModel } from './inference/protocol.ts';

/** The answer to `GET /health`. */
export interface WorkerHealth {
  /**
   * `ok` once every model that is opened at start has run a batch, and messages are received. Any
   * other status is sent as a 503.
   */
  readonly status: 'starting' | 'ok' | 'stopping' | 'broken';
  readonly models: readonly {
    readonly name: string;
    readonly precision: string;
    /** The file of the graph in use. */
    readonly graph: GraphFile;
    /** The execution provider in use. */
    readonly provider: ExecutionProvider;
    /** The preferred providers that could not be used, and why. */
    readonly refusals: readonly ProviderRefusal[];
    /**
     * What is used instead because the package failed its self-test, or its graph for CUDA does not
     * work, and why. Null: the package itself is used.
     */
    readonly fallback: OpenedModel['fallback'];
    /** Number of runs since the model was opened; more than 0 once it is warm. */
    readonly batches: number;
  }[];
  /** Number of processes that handle messages now. */
  readonly handlers: number;
  /** Number of messages held now. */
  readonly held: number;
}

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

/** The orchestrator asks from inside the container, so nobody else needs to reach this port. */
const HOST = '127.0.0.1';

/**
 * The Host headers that are answered. Any other name may be a web page's trick to reach this
 * machine (DNS rebinding).
 */
const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

/**
 * Starts the server of `GET /health`.
 * @param port 0: any free port
 * @param portFile file that gets the port, as text
 * @throws {ConfigurationError} when the port is taken, or the file cannot be written
 */
export async function startHealthServer(
  port: number,
  health: () => WorkerHealth,
  portFile: string | null = null,
): Promise<HealthServer> {
  const server = createServer((request, response) => answer(request, response, health));
  server.listen(port, HOST);
  await once(server, 'listening').catch((cause: unknown) => {
    throw new ConfigurationError(
      `GET /health cannot listen on port ${port} of ${HOST}: ${messageOf(cause)}. Set AUTOSWIFTNET_WORKER_PORT to a free port, or to 0 for any free port.`,
      cause,
    );
  });
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new TypeError(`the health server has no TCP port, but the address ${address}`);
  try {
    if (portFile !== null) await writePort(portFile, address.port);
  } catch (error) {
    server.close();
    await once(server, 'close');
    throw error;
  }
  return {
    port: address.port,
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function writePort(file: string, port: number): Promise<void> {
  await writeFile(file, String(port)).catch((cause: unknown) => {
    throw new ConfigurationError(
      `${file} cannot be written: ${messageOf(cause)}. Set AUTOSWIFTNET_WORKER_PORT_FILE to a file in a folder that the worker may write to, such as /tmp.`,
      cause,
    );
  });
}

function answer(request: IncomingMessage, response: ServerResponse, health: () => WorkerHealth): void {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (!LOOPBACK.test(request.headers.host ?? '')) send(response, 421, { message: 'unknown host' });
  else if (!isRead || request.url !== '/health') send(response, 404, { message: 'there is only GET /health' });
  else {
    const found = health();
    send(response, found.status === 'ok' ? 200 : 503, found);
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  });
  response.end(text);
}
