import type { GpuService } from './gpu-service.ts';
import { countGpus, decideOnGpus } from './gpu-usage.ts';
import type { LimitReport } from './report.ts';
import type { UsageStore } from './usage-store.ts';

export interface LimitGpuHoursDependencies {
  readonly service: GpuService;
  readonly store: UsageStore;
  readonly hoursPerDay: number;
  readonly report: LimitReport;
}

/**
 * Counts the GPUs that are there, and stops the service once the hours of the day (UTC) are used
 * up. The first call with hours left lets it go on: after midnight, or with a higher limit.
 * @param at time of the scheduled call, ISO 8601, UTC
 */
export async function limitGpuHours(
  at: string,
  { service, store, hoursPerDay, report }: LimitGpuHoursDependencies,
): Promise<void> {
  const before = await store.read();
  const gpus = await service.countGpus();
  const usage = countGpus(before, gpus, at);
  const decision = decideOnGpus(usage, hoursPerDay);
  if (decision === 'stop') {
    // Written first: if the stop fails, the next call repeats it, and a new day ends it.
    await store.write({ ...usage, stopped: true });
    // Reported first: people must know also, and above all, if the stop fails.
    report.onUsedUp(usage);
    await service.stop();
  } else if (decision === 'resume') {
    await service.resume();
    await store.write({ ...usage, stopped: false });
    report.onResumed(usage);
  } else if (gpus > 0) {
    await store.write(usage);
  }
}
