import { readFile } from 'node:fs/promises';
import type { ApiRequest } from './request.ts';
import { type ApiResponse, answer } from './response.ts';

/**
 * The contract. It lies next to this file in the clone and in the published package, and next to
 * the only file of a bundled function.
 */
export const OPENAPI_FILE = new URL('./openapi.yaml', import.meta.url);

let document: Promise<string> | undefined;

/** `GET /openapi.yaml`: the contract. */
export async function getOpenapi(_request: ApiRequest): Promise<ApiResponse> {
  document ??= readFile(OPENAPI_FILE, 'utf8').catch((error: unknown) => {
    document = undefined;
    throw error;
  });
  return answer(200, 'application/yaml', await document, { 'cache-control': 'max-age=300' });
}
