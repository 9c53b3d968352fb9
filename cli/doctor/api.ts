import type * as z from 'zod/mini';
import { DeploymentNotFoundError } from '../deployment/errors.ts';
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

/**
 * @param base null where there is no API: every call fails
 * @param token a bearer token; without one, requests are signed with AWS credentials if needed
 */
export function openApi(base: URL | null, token: string | undefined): Api {
  const ask = async <Schema extends z.ZodMiniType>(
    method: 'GET' | 'POST',
    path: string,
    schema: Schema,
    request: { readonly body?: RemoteBody; readonly signal: AbortSignal },
  ) => {
    if (base === null) throw new DeploymentNotFoundError('the service has no HTTP API', 'Add one, or do without it.');
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
