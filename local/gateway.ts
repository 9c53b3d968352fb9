import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { methodsOf } from '../functions/api/route-paths.ts';
import type * as Wire from '../functions/wire.ts';
import { guardServer } from './guard.ts';
import { sendGatewayMessage } from './http-api/answer.ts';
import { type Invoke, serveHttpApi } from './http-api/serve.ts';
import { parseTarget } from './http-api/target.ts';
import { listen } from './listen.ts';
import { HOST } from './names.ts';

/** The answer to `GET /health`: a deployed API's, and where everything is, which that tells nobody. */
export interface Health extends Wire.Health {
  /** `ok` once every part is up; before that, and while it ends, the answer is a 503. */
  readonly status: Wire.Health['status'];
  readonly endpoints: Readonly<Partial<Record<'s3' | 'sqs' | 'sns' | 'dynamodb', string>>>;
  /** The watched bucket. */
  readonly bucket: string;
  /** URL by name, dead letters included. */
  readonly queues: Readonly<Record<string, string>>;
  readonly table: string;
}

/** What answers behind the gateway. */
export interface GatewayParts {
  /** Called at every request for it. */
  readonly health: () => Health;
  /** The API's function; undefined while it is not loaded. Called at every request for it. */
  readonly api: () => Invoke | undefined;
  /** Answers GET and HEAD of paths that no API route has: the page. */
  readonly serveFile?: ServeFile;
}

/** @returns whether there is such a file, and the request is answered or being answered */
export type ServeFile = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface Gateway {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

const HEALTH_PATH = '/health';

/** A stack is up within seconds. */
const RETRY_AFTER_SECONDS = '1';

/**
 * The one address a person needs. What API Gateway does in AWS, this does here: it makes events of requests, and answers of what the
 * function returns.
 * @param port 0: any free one
 * @throws {PortTakenError}
 */
export async function startGateway(
  port: number,
  { health, api, serveFile = () => false }: GatewayParts,
): Promise<Gateway> {
  const server = createServer((request, response) => {
    const { path } = parseTarget(request.url);
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (isRead && path === HEALTH_PATH) return sendHealth(response, health());
    if (isRead && methodsOf(path).length === 0 && serveFile(request, response)) return;
    const invoke = api();
    // What no route has, the function says so itself.
    if (invoke !== undefined) void serveHttpApi(request, response, invoke);
    else
      sendGatewayMessage(response, 'Service Unavailable', { 'retry-after': RETRY_AFTER_SECONDS, connection: 'close' });
  });
  guardServer(server);
  const bound = await listen(server, port);
  return {
    url: `http://${HOST}:${bound}`,
    port: bound,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function sendHealth(response: ServerResponse, health: Health): void {
  const body = `${JSON.stringify(health, null, 2)}\n`;
  response.writeHead(health.status === 'ok' ? 200 : 503, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...(health.status === 'ok' ? {} : { 'retry-after': RETRY_AFTER_SECONDS }),
  });
  response.end(body);
}
