import { setImmediate } from 'node:timers/promises';
import type { Closers } from './closers.ts';
import { FunctionStartError } from './errors.ts';
import { type FunctionInstance, type FunctionOptions, startFunctionInstance } from './function-host.ts';
import { type FunctionReport, readFunctionLine } from './function-log.ts';

export interface InstancesOptions extends Omit<FunctionOptions, 'onLine'> {
  /** Number of processes. */
  readonly count: number;
  /** Receives the reports of all processes. */
  readonly onReport: (report: FunctionReport) => void;
  /** Aborts a start that is still in progress. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Starts instances of a function and waits until each is loaded.
 * @throws {FunctionStartError} when one cannot be loaded, or reports that it cannot work
 */
export async function startInstances(
  { count, onReport, signal, ...options }: InstancesOptions,
  closers: Closers,
): Promise<FunctionInstance[]> {
  const faults: string[] = [];
  const started = Array.from({ length: count }, () =>
    startFunctionInstance({
      ...options,
      onLine(line) {
        const report = readFunctionLine(line);
        if (report === null) return;
        if (report.kind === 'fault' && report.level === 'error') faults.push(report.text);
        onReport(report);
      },
    }),
  );
  const kill = async () => {
    await Promise.all(started.map((instance) => instance.close(0)));
  };
  closers.push(kill);
  signal?.addEventListener('abort', () => void kill(), { once: true });
  await Promise.all(started.map((instance) => instance.ready()));
  // A function that cannot open its model reports this and then waits for events. The report and
  // the "ready" message arrive through different pipes, so let both be read.
  await setImmediate();
  await setImmediate();
  if (faults[0] !== undefined) throw new FunctionStartError(`function ${options.name} could not start: ${faults[0]}`);
  return started;
}
