import { readFileSync, writeFileSync } from 'node:fs';

const KB_PER_MB = 1024;
const BYTES_PER_MB = 1024 * 1024;
/** Resets the peak of a process' resident memory (Linux, proc(5)). */
const RESET_PEAK = '5';

/**
 * Starts to watch the memory of this process.
 * @returns a function that says the most resident memory since, in megabytes. Only Linux can tell
 *   that; elsewhere it says what is held now.
 */
export function startPeakMemory(): () => number {
  try {
    writeFileSync('/proc/self/clear_refs', RESET_PEAK);
  } catch {
    return () => process.memoryUsage.rss() / BYTES_PER_MB;
  }
  return () => {
    const [, kilobytes = '0'] = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    return Number(kilobytes) / KB_PER_MB;
  };
}
