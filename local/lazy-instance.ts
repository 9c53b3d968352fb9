import { type FunctionInstance, type FunctionOptions, startFunctionInstance } from './function-host.ts';

/**
 * An instance whose process starts with its first event, as on Lambda. It costs nothing while there
 * is none.
 */
export function startWithFirstEvent(options: FunctionOptions): FunctionInstance {
  let started: FunctionInstance | undefined;
  return {
    ready: async () => started?.ready(),
    invoke(event) {
      started ??= startFunctionInstance(options);
      return started.invoke(event);
    },
    close: async (graceMs) => started?.close(graceMs),
  };
}
