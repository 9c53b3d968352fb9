import { type FaultPlan, faultPlanSchema, treatmentOf } from '../fault-plan.ts';
import type { Draws } from './draws.ts';
import { lives } from './life.ts';
import type { Machine } from './machine.ts';
import type { SimulatedSdkOptions } from './simulated-sdk.ts';

/** Prints the processes' calls that have this text in their input. */
export interface Trace {
  readonly text: string;
  readonly print: (line: string) => void;
}

const MAX_FAULT_SHARE = 0.02;
/** Some calls take much longer than the others. */
const SLOW_SHARE = 0.06;
const SLOWER = 25;
const TRACED_CHARACTERS = 200;

/** What happens to the calls of the processes, by the plan's seed, and what is told of it. */
export function treatCalls(
  machine: Machine,
  seed: number,
  trace: Trace | null,
): Pick<SimulatedSdkOptions, 'treat' | 'onCall'> {
  const { draws, time } = machine;
  const faults = drawFaults(draws, seed);
  return {
    treat(service, operation) {
      const count = machine.count(`calls ${service}:${operation}`);
      const treatment = treatmentOf(faults, service, operation, count);
      if (!machine.areFaultsOn) return { ...treatment, fate: 'pass' };
      if (draws.share('slow', service, operation, count) >= SLOW_SHARE) return treatment;
      machine.count(`fault ${service} delay`);
      return { ...treatment, delayMs: treatment.delayMs * SLOWER };
    },
    onCall(service, operation, fate, input) {
      if (fate !== 'pass') machine.count(`fault ${service} ${fate}`);
      if (trace === null) return;
      const text = JSON.stringify(input);
      if (!text.includes(trace.text)) return;
      const at = (time.elapsed / 1000).toFixed(3);
      trace.print(`${at} ${lives.getStore()?.name} ${operation} ${fate} ${text.slice(0, TRACED_CHARACTERS)}`);
    },
  };
}

/** Some plans have hardly a fault of some kind, others many. */
export function drawFaults(draws: Draws, seed: number): FaultPlan {
  const share = (service: string, fate: string) => draws.between(0, MAX_FAULT_SHARE, 'faults', service, fate);
  const shares = (service: string) =>
    Object.fromEntries(
      ['refuse', 'throttle', 'fail', 'drop', 'reset', 'cut', 'duplicate'].map((fate) => [fate, share(service, fate)]),
    );
  return faultPlanSchema.parse({
    seed,
    services: {
      s3: { delayMs: [10, 60], ...shares('s3') },
      dynamodb: { delayMs: [2, 20], ...shares('dynamodb') },
      sqs: { delayMs: [5, 30], ...shares('sqs') },
      sns: { delayMs: [5, 30], ...shares('sns') },
    },
  });
}
