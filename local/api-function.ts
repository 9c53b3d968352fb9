import { availableParallelism } from 'node:os';
import { FUNCTION_TIMEOUT_SECONDS } from '../functions/api/limits.ts';
import type { Closers } from './closers.ts';
import type { FunctionReport } from './function-log.ts';
import type { Invoke } from './http-api/serve.ts';
import { openPool } from './instance-pool.ts';
import { startInstances } from './instances.ts';
import { moduleUrl } from './module-url.ts';
import { API_FUNCTION } from './names.ts';

export interface ApiFunctionOptions {
  /**
   * Number of processes, each with its own model in memory. Default: 2 on four or more cores, else
   * 1.
   */
  readonly count?: number | undefined;
  /** All environment variables that the function sees. */
  readonly environment: Readonly<Record<string, string>>;
  readonly onReport: (report: FunctionReport) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Starts the function behind the HTTP API.
 * @returns a function that takes the events of the gateway
 * @throws {FunctionStartError} when the function cannot be loaded, or cannot open its model
 */
export async function startApiFunction(
  { count = availableParallelism() >= 4 ? 2 : 1, ...options }: ApiFunctionOptions,
  closers: Closers,
): Promise<Invoke> {
  const instances = await startInstances(
    {
      ...options,
      name: API_FUNCTION,
      handler: moduleUrl('../functions/api/handler'),
      timeoutMs: FUNCTION_TIMEOUT_SECONDS * 1000,
      count,
    },
    closers,
  );
  return openPool(instances);
}
