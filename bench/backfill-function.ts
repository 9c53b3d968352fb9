import { FUNCTION_TIMEOUT_SECONDS } from '../functions/backfill/batch.ts';
import { functionEnvironment } from '../local/function-environment.ts';
import { type FunctionInstance, startFunctionInstance } from '../local/function-host.ts';
import { StateError } from '../test/infra/backfill/state-machine/state-error.ts';
import type { BootServices } from '../test/infra/boot/services.ts';

/** A function on the local services: as many processes as calls at the same time. */
export interface PooledFunction {
  invoke(payload: unknown): Promise<unknown>;
  /** Ends every process with SIGKILL. The next call starts another. */
  kill(): Promise<void>;
}

export interface PooledFunctionOptions {
  /** The folder of the function in `functions/`. */
  readonly name: 'backfill' | 'tag-upload';
  readonly processes: number;
  readonly packageDir: string;
  readonly services: BootServices;
  /** Environment variables beside those that the stack sets. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** Starts a function in processes of its own, each of which handles one event at a time. */
export function startPooledFunction({
  name,
  processes,
  packageDir,
  services: { endpoints, resultsTopicArn },
  variables = {},
}: PooledFunctionOptions): PooledFunction {
  const start = (): FunctionInstance =>
    startFunctionInstance({
      name,
      handler: new URL(`../functions/${name}/handler.ts`, import.meta.url),
      environment: {
        ...functionEnvironment({ variables: process.env, packageDir, endpoints, resultsTopicArn, heavy: null }),
        ...variables,
        POWERTOOLS_LOG_LEVEL: 'ERROR',
        POWERTOOLS_METRICS_DISABLED: 'true',
      },
      timeoutMs: FUNCTION_TIMEOUT_SECONDS * 1000,
      onLine: (line) => console.error(line),
    });
  let free = Array.from({ length: processes }, start);
  let generation = 0;
  const busy = new Set<FunctionInstance>();
  return {
    async invoke(payload) {
      const own = generation;
      const instance = free.pop() ?? start();
      busy.add(instance);
      try {
        return await instance.invoke(payload);
      } catch (error) {
        throw new StateError('Lambda.Unknown', String(error));
      } finally {
        busy.delete(instance);
        if (own === generation) free.push(instance);
      }
    },
    async kill() {
      generation += 1;
      const ended = [...free, ...busy];
      free = [];
      await Promise.all(ended.map((instance) => instance.close(0)));
    },
  };
}
