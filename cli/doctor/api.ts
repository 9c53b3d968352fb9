import type * as z from 'zod/mini';
import { join, type RemoteBody, read, send } from '../remote-api.ts';

/** The HTTP API of a deployment. */
export interface Api {
  /** @throws {RemoteApiError} */
  get<Schema extends z.ZodMiniType>(path: string, schema: Schema, signal: AbortSignal): Promise<z.output<Schema>>;
  /** @throws {RemoteApiError} */
  post<Schema extends z.ZodMiniType>(
    path: string,
    body: RemoteBody,
    schema: Schema,
    signal: AbortSignal,
  ): Promise<z.output<Schema>>;
}

/** @param token a bearer token; without one, requests are signed with AWS credentials if needed */
export function openApi(base: URL, token: string | undefined): Api {
  const ask = async <Schema extends z.ZodMiniType>(
    method: 'GET' | 'POST',
    path: string,
    schema: Schema,
    request: { readonly body?: RemoteBody; readonly signal: AbortSignal },
  ) => {
    const [pathname = '', search = ''] = path.split('?');
    const url = join(base, pathname);
    url.search = search;
    return read(await send(method, url, { ...request, token }), schema);
  };
  return {
    get: (path, schema, signal) => ask('GET', path, schema, { signal }),
    post: (path, body, schema, signal) => ask('POST', path, schema, { body, signal }),
  };
}
