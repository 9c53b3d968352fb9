import type { Line } from './finding.ts';

/** Whether something does not work. */
export function hasFault(lines: readonly Line[]): boolean {
  return lines.some(({ state }) => state === 'fault');
}

/** How many checks could not look at everything that they should have. */
export function countUntried(lines: readonly Line[]): number {
  return new Set(lines.filter((line) => line.state !== 'sound' && line.isUntried).map(({ check }) => check)).size;
}

/** Whether all was looked at and nothing has a fault. What nobody asked for may be skipped. */
export function isSound(lines: readonly Line[]): boolean {
  return !hasFault(lines) && countUntried(lines) === 0;
}
