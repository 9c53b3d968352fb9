import type { FunctionInstance } from './function-host.ts';

/**
 * Hands each event to an idle instance. If there is none, events wait in the order of their
 * arrival. Lambda would start another instance.
 */
export function openPool(instances: readonly Pick<FunctionInstance, 'invoke'>[]): (event: unknown) => Promise<unknown> {
  const idle = [...instances];
  const waiting: ((instance: Pick<FunctionInstance, 'invoke'>) => void)[] = [];
  return async (event) => {
    const instance = idle.pop() ?? (await new Promise<Pick<FunctionInstance, 'invoke'>>((free) => waiting.push(free)));
    try {
      return await instance.invoke(event);
    } finally {
      const next = waiting.shift();
      if (next === undefined) idle.push(instance);
      else next(instance);
    }
  };
}
