import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { contentSecurityPolicy, PAGE_HEADERS, type PageOrigins } from '../web/delivery/headers.ts';
import { ASSETS, cacheControlOf, contentTypeOf, DOCUMENT, type PageFile } from '../web/delivery/page-file.ts';
import type { Health, ServeFile } from './gateway.ts';
import { sendProblem } from './guard.ts';

export interface PageOptions {
  /** Called at every request, because the ports of the services are not known at first. */
  readonly origins: () => PageOrigins;
  /** Receives errors of which the browser learns only the status. */
  readonly onError: (error: unknown) => void;
}

/** A file as it is sent, without its content security policy. */
interface ServedFile {
  readonly body: Uint8Array;
  readonly eTag: string;
  /** Headers that are sent whether or not the body is. */
  readonly headers: Readonly<Record<string, string>>;
}

type ServedFiles = ReadonlyMap<string, ServedFile>;

/**
 * Folder of the finished files, which `npm run build` puts into the published package. A clone does
 * not have it and bundles its sources instead.
 */
const FINISHED = fileURLToPath(new URL('../web/page/', import.meta.url));

/**
 * Lists the origins that the page may talk to on this machine.
 * @param tokenUrl token endpoint of the issuer, if it has another origin than the issuer
 */
export function pageOrigins(
  { endpoints, auth }: Pick<Health, 'endpoints' | 'auth'>,
  tokenUrl: string | null,
): PageOrigins {
  const login = [auth?.issuer, auth === null ? null : tokenUrl].filter((url) => typeof url === 'string');
  return {
    buckets: endpoints.s3 === undefined ? [] : [endpoints.s3],
    login: [...new Set(login.map((url) => new URL(url).origin))],
  };
}

/**
 * Serves the page at `/`. The page is built at the first request, so that a start without a visitor
 * does not pay for it.
 */
export function openPage({ origins, onError }: PageOptions): ServeFile {
  let loading: Promise<ServedFiles> | undefined;
  const load = async () => {
    loading ??= loadFiles();
    try {
      return await loading;
    } catch (error) {
      loading = undefined;
      throw error;
    }
  };
  return (request, response) => {
    const path = pathOf(request);
    if (path === null) return false;
    load()
      .then((files) => answer(request, response, files.get(path), origins()))
      .catch((error: unknown) => {
        onError(error);
        sendProblem(
          response,
          500,
          'page',
          'the page cannot be shown; the terminal that runs autoswiftnet start shows the reason',
        );
      });
    return true;
  };
}

async function loadFiles(): Promise<ServedFiles> {
  const files = existsSync(FINISHED) ? await readFinished() : await bundleSources();
  return new Map(files.map((file) => [file.path, toServed(file)]));
}

/** Only a clone has the bundler. */
async function bundleSources(): Promise<PageFile[]> {
  const { buildPage } = await import('../web/delivery/build-page.ts');
  return buildPage();
}

async function readFinished(): Promise<PageFile[]> {
  const entries = await readdir(FINISHED, { recursive: true, withFileTypes: true });
  return Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async ({ parentPath, name }) => {
        const file = join(parentPath, name);
        return { path: `/${relative(FINISHED, file).split(sep).join('/')}`, body: await readFile(file) };
      }),
  );
}

function toServed({ path, body }: PageFile): ServedFile {
  // Weak, because the same file may be sent compressed or as it is.
  const eTag = `W/"${createHash('sha256').update(body).digest('base64url')}"`;
  return {
    body,
    eTag,
    headers: {
      ...PAGE_HEADERS,
      'content-type': contentTypeOf(path),
      'cache-control': cacheControlOf(path),
      etag: eTag,
    },
  };
}

/** @returns null if the path cannot be a file of the page */
function pathOf({ url = '/' }: IncomingMessage): string | null {
  const [path = '/'] = url.split('?', 1);
  if (path === '/' || path === DOCUMENT) return DOCUMENT;
  return path.startsWith(ASSETS) ? path : null;
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  file: ServedFile | undefined,
  origins: PageOrigins,
): void {
  if (file === undefined) {
    sendProblem(
      response,
      404,
      'not-found',
      'the page has no such file; reload the page at / to use the current file names',
    );
    return;
  }
  const headers = { ...file.headers, 'content-security-policy': contentSecurityPolicy(origins) };
  if (request.headers['if-none-match'] === file.eTag) {
    response.writeHead(304, headers).end();
    return;
  }
  response.writeHead(200, { ...headers, 'content-length': file.body.byteLength });
  response.end(request.method === 'HEAD' ? undefined : file.body);
}
