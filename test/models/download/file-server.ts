import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';

export type Behaviour = (request: IncomingMessage, response: ServerResponse, server: FileServer) => void;

export const ETAG = '"one"';

/**
 * A server with one file that follows the rules of range requests, except for the next requests,
 * for which `behave` sets another behaviour.
 */
export interface FileServer {
  readonly url: string;
  content: Uint8Array;
  etag: string | null;
  /** The headers of all requests so far. */
  readonly requests: IncomingHttpHeaders[];
  /** Sets the behaviour of the next requests, one each; after them the file is served normally. */
  behave(...behaviours: Behaviour[]): void;
  /**
   * Breaks the connections that were to break after this many bytes of the file. The client calls
   * it when it has these bytes, so none are lost on the way.
   */
  received(bytes: number): void;
  /** The answers that wait for this, and after how many bytes of the file. */
  readonly held: Map<ServerResponse, number>;
  close(): Promise<void>;
}

export async function startFileServer(content: Uint8Array): Promise<FileServer> {
  const waiting: Behaviour[] = [];
  const requests: IncomingHttpHeaders[] = [];
  const http = createServer((request, response) => {
    requests.push(request.headers);
    (waiting.shift() ?? serve)(request, response, server);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const address = http.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const server: FileServer = {
    url: `http://127.0.0.1:${address.port}/model-file`,
    content,
    etag: ETAG,
    requests,
    behave: (...behaviours) => {
      waiting.push(...behaviours);
    },
    held: new Map(),
    received: (bytes) => {
      for (const [response, until] of server.held) {
        if (bytes !== until) continue;
        server.held.delete(response);
        response.destroy();
      }
    },
    close: () => {
      http.closeAllConnections();
      return new Promise((resolve) => http.close(() => resolve()));
    },
  };
  return server;
}

/** Serves the file by the rules: all of it, or the rest of it while If-Range still matches. */
export const serve: Behaviour = (request, response, { content, etag }) => {
  const start = startOf(request);
  const isSame = request.headers['if-range'] === undefined || request.headers['if-range'] === etag;
  if (etag) response.setHeader('etag', etag);
  if (start === null || !isSame) {
    response.writeHead(200, { 'content-length': content.length }).end(content);
  } else if (start >= content.length) {
    response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
  } else {
    response
      .writeHead(206, {
        'content-length': content.length - start,
        'content-range': `bytes ${start}-${content.length - 1}/${content.length}`,
      })
      .end(content.subarray(start));
  }
};

/**
 * Serves the file by the rules, but breaks the connection when the client has `bytes` of the body
 * (see `received`).
 */
export function cutAfter(bytes: number): Behaviour {
  return (request, response, server) => {
    const { content, etag, held } = server;
    const start = startOf(request) ?? 0;
    const until = start + bytes;
    if (until >= content.length) {
      serve(request, response, server);
      return;
    }
    if (etag) response.setHeader('etag', etag);
    response.writeHead(start > 0 ? 206 : 200, {
      'content-length': content.length - start,
      ...(start > 0 && { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` }),
    });
    held.set(response, until);
    response.write(content.subarray(start, until));
  };
}

export function answer(
  status: number,
  headers: Record<string, string> = {},
  body: string | Uint8Array = '',
): Behaviour {
  return (_request, response) => {
    response.writeHead(status, headers).end(body);
  };
}

/** Returns the first byte of a header like `bytes=100-`, or null when there is none. */
export function startOf(request: IncomingMessage): number | null {
  const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
  return range ? Number(range[1]) : null;
}
