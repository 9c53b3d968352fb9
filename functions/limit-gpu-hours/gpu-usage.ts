import { COUNT_INTERVAL_MINUTES } from './settings.ts';

/** What is known of the GPUs' use. */
export interface GpuUsage {
  /** The day that is counted, in UTC: `2026-11-26`. */
  readonly day: string;
  /** GPUs times minutes of that day so far. */
  readonly minutes: number;
  /** Time of the last call that was counted, ISO 8601. */
  readonly countedAt: string;
  /** Whether the service was stopped because the hours of a day were used up. */
  readonly stopped: boolean;
}

/** What is done with the service. */
export type Decision = 'stop' | 'resume' | 'leave';

const DAY_LENGTH = '2026-11-26'.length;
const MINUTES_PER_HOUR = 60;

/**
 * Adds the GPUs that are there at `at`. A new day begins with zero. A call that comes twice, or
 * late, counts for nothing: yesterday's must not take the place of today's count.
 * @param at ISO 8601, UTC
 */
export function countGpus(before: GpuUsage | null, gpus: number, at: string): GpuUsage {
  if (before !== null && at <= before.countedAt) return before;
  const day = at.slice(0, DAY_LENGTH);
  return {
    day,
    minutes: (before?.day === day ? before.minutes : 0) + gpus * COUNT_INTERVAL_MINUTES,
    countedAt: at,
    stopped: before?.stopped ?? false,
  };
}

/**
 * Decides what is done: once the hours are used up, every call stops the service, because a
 * deployment or a person may have started it again. The first call with hours left lets it go on.
 */
export function decideOnGpus(usage: GpuUsage, hoursPerDay: number): Decision {
  if (gpuHours(usage) >= hoursPerDay) return 'stop';
  return usage.stopped ? 'resume' : 'leave';
}

/** GPUs times hours of the day so far. */
export function gpuHours({ minutes }: GpuUsage): number {
  return minutes / MINUTES_PER_HOUR;
}
