import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import compression from 'compression';
import { corsHeaders } from '../functions/api/cors.ts';
import { methodsOf } from '../functions/api/route-paths.ts';
import type * as Wire from '../functions/wire.ts';
import { guardServer } from './guard.ts';
import { sendGatewayMessage } from './http-api/answer.ts';
import { type Invoke, serveHttpApi } from './http-api/serve.ts';
import { parseTarget } from './http-api/target.ts';
import { listen } from './listen.ts';
import { HOST } from './names.ts';

/**
 * The answer to `GET /health`. It adds to that of a deployed API where everything is; a deployed
 * API tells this to nobody.
 */
export interface Health extends Wire.Health {
  /** `ok` once every part runs. Before that, and while the stack stops, the answer is a 503. */
  readonly status: Wire.Health['status'];
  readonly endpoints: Readonly<Partial<Record<'s3' | 'sqs' | 'sns' | 'dynamodb' | 'lambda', string>>>;
  /** The watched bucket. */
  readonly bucket: string;
  /** URLs by queue name, including the dead-letter queues and the parked messages. */
  readonly queues: Readonly<Record<string, string>>;
  readonly table: string;
}

/** The parts that answer behind the gateway. */
export interface GatewayParts {
  /** Called for every health request. */
  readonly health: () => Health;
  /** The function of the API, or undefined while it is not loaded. Called for every API request. */
  readonly api: () => Invoke | undefined;
  /** Serves the page: answers GET and HEAD requests for paths that are not API routes. */
  readonly serveFile?: ServeFile;
  /** Origins whose pages may use the API, besides the page of the gateway. Default: none. */
  readonly allowedOrigins?: readonly string[];
}

/** @returns true if the file exists; the request is then answered, now or soon */
export type ServeFile = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface Gateway {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

const HEALTH_PATH = '/health';

/** A stack starts within seconds. */
const RETRY_AFTER_SECONDS = '1';

/**
 * Starts the one address that a person needs. It does what API Gateway does on AWS: it turns
 * requests into events, and what the function returns into answers. It also compresses text of more
 * than 1 kB, as CloudFront does.
 * @param port 0 means any free port
 * @throws {PortTakenError}
 */
export async function startGateway(
  port: number,
  { health, api, serveFile = () => false, allowedOrigins = [] }: GatewayParts,
): Promise<Gateway> {
  const compress = compression({ filter: isText });
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const { path } = parseTarget(request.url);
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (isRead && path === HEALTH_PATH) {
      return sendHealth(response, health(), corsHeaders(request.headers.origin, allowedOrigins));
    }
    if (isRead && methodsOf(path).length === 0 && serveFile(request, response)) return;
    const invoke = api();
    // The function itself answers paths that have no route.
    if (invoke !== undefined) void serveHttpApi(request, response, invoke);
    else
      sendGatewayMessage(response, 'Service Unavailable', { 'retry-after': RETRY_AFTER_SECONDS, connection: 'close' });
  };
  const server = createServer((request, response) => compress(request, response, () => answer(request, response)));
  guardServer(server, { allowedOrigins });
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

/** The contract is YAML, which the library takes for something that does not shrink. */
function isText(request: IncomingMessage, response: ServerResponse): boolean {
  return response.getHeader('content-type') === 'application/yaml' || compression.filter(request, response);
}

function sendHealth(response: ServerResponse, health: Health, headers: Readonly<Record<string, string>>): void {
  const body = `${JSON.stringify(health, null, 2)}\n`;
  response.writeHead(health.status === 'ok' ? 200 : 503, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...headers,
    ...(health.status === 'ok' ? {} : { 'retry-after': RETRY_AFTER_SECONDS }),
  });
  response.end(body);
}
