import { rmSync } from 'node:fs';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Removes the folder when a signal ends the process, until the returned function is called. If
 * nothing else listens to that signal, the process then ends by it as usual.
 */
export function removeOnSignal(folder: string): () => void {
  const onSignal = (signal: NodeJS.Signals): void => {
    rmSync(folder, { recursive: true, force: true });
    withdraw();
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  const withdraw = (): void => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return withdraw;
}
