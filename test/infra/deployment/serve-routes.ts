import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Invoke, serveHttpApi } from '../../../local/http-api/serve.ts';
import { parseTarget } from '../../../local/http-api/target.ts';
import { listen } from '../../../local/listen.ts';
import { HOST } from '../../../local/names.ts';

/** A route of the template. */
export interface Route {
  /** `$default`, or a method and a path such as `GET /health`. */
  readonly key: string;
  readonly authorization: string;
  readonly invoke: Invoke;
}

/** What API Gateway answers a request without credentials, by the authorization of its route. */
const REFUSALS: Readonly<
  Record<string, { readonly allowed: RegExp; readonly status: number; readonly message: string }>
> = {
  NONE: { allowed: /^/, status: 200, message: '' },
  AWS_IAM: { allowed: /^AWS4-HMAC-SHA256 Credential=[^,]*\/execute-api\//, status: 403, message: 'Forbidden' },
  JWT: { allowed: /^Bearer ./, status: 401, message: 'Unauthorized' },
};

const GREEDY = '/{proxy+}';

/**
 * Serves the routes of an HTTP API: the most exact route is used, and asks for its own credentials,
 * which are not checked.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */
export async function serveRoutes(routes: readonly Route[]): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => void answer(request, response, routes));
  const port = await listen(server, 0);
  return {
    url: `http://${HOST}:${port}/`,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, routes: readonly Route[]): Promise<void> {
  const route = selectRoute(routes, request.method ?? '', parseTarget(request.url).path);
  if (route === undefined) return refuse(response, 404, 'Not Found');
  const refusal = REFUSALS[route.authorization];
  if (refusal === undefined) throw new Error(`the authorization ${route.authorization} is not known here`);
  if (!refusal.allowed.test(request.headers.authorization ?? '')) {
    return refuse(response, refusal.status, refusal.message);
  }
  await serveHttpApi(request, response, route.invoke);
}

function selectRoute(routes: readonly Route[], method: string, path: string): Route | undefined {
  const byKey = (key: string) => routes.find((route) => route.key === key);
  const greedy = ({ key }: Route) =>
    key.endsWith(GREEDY) && `${method} ${path}`.startsWith(key.slice(0, -GREEDY.length));
  return byKey(`${method} ${path}`) ?? byKey(`ANY ${path}`) ?? routes.find(greedy) ?? byKey('$default');
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ message }));
}
