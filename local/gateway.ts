import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { guardServer, sendProblem } from './guard.ts';
import { listen } from './listen.ts';
import { HOST } from './names.ts';

/** The answer to `GET /health`. The last four are the local gateway's own: a deployed API tells nobody. */
export interface Health {
  /** `ok` once every part is up; before that, and while it ends, the answer is a 503. */
  readonly status: 'starting' | 'ok' | 'stopping';
  /** Of autoswiftnet. */
  readonly version: string;
  /** Names of the models that answer. */
  readonly models: readonly string[];
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

type Route = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * The one address a person needs. What API Gateway does in AWS, this does here: it hands requests to functions by path.
 * @param port 0: any free one
 * @throws {PortTakenError}
 */
export async function startGateway(port: number, { health, serveFile = () => false }: GatewayParts): Promise<Gateway> {
  const routes: Readonly<Record<string, Route>> = {
    '/health': (_request, response) => sendHealth(response, health()),
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', `http://${HOST}`);
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const route = isRead && Object.hasOwn(routes, pathname) ? routes[pathname] : undefined;
    if (route !== undefined) route(request, response);
    else if (!isRead || !serveFile(request, response))
      sendProblem(response, 404, 'not-found', 'there is nothing here; GET /health tells what runs');
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
  });
  response.end(body);
}
