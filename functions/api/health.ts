import type * as Wire from '../wire.ts';
import { MAX_REQUEST_BYTES } from './limits.ts';
import { UPLOAD_TYPES } from './media-types.ts';
import type { ApiRequest } from './request.ts';
import { type ApiResponse, json } from './response.ts';
import { VERSION } from './version.ts';

/** What a client needs to know before it signs in. */
export interface HealthFacts {
  readonly modelNames: readonly string[];
  readonly auth: Wire.Login | null;
  readonly maxImageBytes: number;
}

export interface HealthDependencies extends Omit<HealthFacts, 'modelNames'> {
  readonly routes: { readonly small: readonly string[]; readonly heavy: readonly string[] };
}

/** Returns the health of an API that runs. The local stack adds fields to it. */
export function healthOf({ modelNames, auth, maxImageBytes }: HealthFacts): Wire.Health {
  return {
    status: 'ok',
    version: VERSION,
    models: modelNames,
    auth,
    limits: { requestBytes: MAX_REQUEST_BYTES, uploadBytes: maxImageBytes, contentTypes: UPLOAD_TYPES },
  };
}

/** `GET /health` */
export async function getHealth(_request: ApiRequest, dependencies: HealthDependencies): Promise<ApiResponse> {
  const { routes, auth, maxImageBytes } = dependencies;
  return json(200, healthOf({ modelNames: [...routes.small, ...routes.heavy], auth, maxImageBytes }));
}
