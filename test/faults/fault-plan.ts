import { createHash } from 'node:crypto';
import * as z from 'zod';

export const SERVICES = ['s3', 'dynamodb', 'sqs', 'sns'] as const;
export type Service = (typeof SERVICES)[number];

/** What happens to the calls of each service. A service that is left out answers at once. */
export type FaultPlan = z.output<typeof faultPlanSchema>;

/**
 * How a call ends. `refuse`, `throttle`, `fail`: it is not passed on; the answer says that the
 * service is busy, that there were too many requests (429), or that it has a fault (500). `drop`:
 * it is not passed on, and the connection is closed. `reset`: the service does it, and the
 * connection breaks in the middle of the answer. `cut`: the service does it, and the answer ends
 * too early, without an error. `duplicate`: the service does it twice.
 */
export type Fate = (typeof FAULTS)[number] | 'pass';

/** What happens to one call. */
export interface Treatment {
  /** The caller gets the answer so many milliseconds after its request, or when there is one. */
  readonly delayMs: number;
  readonly fate: Fate;
}

const FAULTS = ['refuse', 'throttle', 'fail', 'drop', 'reset', 'cut', 'duplicate'] as const;

const share = z.number().min(0).max(1).default(0);
const servicePlanSchema = z.strictObject({
  /** Milliseconds, or the least and the most of them. */
  delayMs: z.union([z.number().nonnegative(), z.tuple([z.number().nonnegative(), z.number()])]).default(0),
  /** Shares of the calls, 0 to 1, together at most 1. */
  refuse: share,
  throttle: share,
  fail: share,
  drop: share,
  reset: share,
  cut: share,
  duplicate: share,
});

export const faultPlanSchema = z.strictObject({
  seed: z.int(),
  services: z.partialRecord(z.enum(SERVICES), servicePlanSchema),
});

/** The plan without a fault or delay. */
export const NO_FAULTS: FaultPlan = { seed: 0, services: {} };

const AT_ONCE: Treatment = { delayMs: 0, fate: 'pass' };

/**
 * Returns what happens to a call. The same plan always treats the n-th call of an operation alike,
 * whatever other calls come in between.
 * @param count how many calls of this operation came before
 */
export function treatmentOf(plan: FaultPlan, service: Service, operation: string, count: number): Treatment {
  const planned = plan.services[service];
  if (planned === undefined) return AT_ONCE;
  const drawn = createHash('sha256').update(`${plan.seed} ${service} ${operation} ${count}`).digest();
  const [least, most] = typeof planned.delayMs === 'number' ? [planned.delayMs, planned.delayMs] : planned.delayMs;
  const delayMs = least + (most - least) * shareAt(drawn, 0);
  let rest = shareAt(drawn, 4);
  for (const fate of FAULTS) {
    if (rest < planned[fate]) return { delayMs, fate };
    rest -= planned[fate];
  }
  return { delayMs, fate: 'pass' };
}

/** A number from 0 to 1, without 1. */
function shareAt(bytes: Buffer, offset: number): number {
  return bytes.readUInt32BE(offset) / 2 ** 32;
}
