/**
 * Runs plans in a process of its own, because a plan has its own clock:
 *
 *   node --import tsx test/faults/simulation/main.ts PLANS
 *
 * PLANS is JSON: `[{"seed": 1, "operations": 100, "removed": null}, …]`.
 *
 * It prints the result of each as a line of JSON.
 */
import * as z from 'zod';
import { GUARDS } from './guards.ts';
import { drawPlan } from './plan.ts';
import { runPlan } from './run-plan.ts';

const askedSchema = z.array(
  z.strictObject({ seed: z.int(), operations: z.int().min(1), removed: z.enum(GUARDS).nullable() }),
);

for (const { seed, operations, removed } of askedSchema.parse(JSON.parse(process.argv[2] ?? ''))) {
  const result = await runPlan(drawPlan(seed, operations), { removed });
  process.stdout.write(`${JSON.stringify({ seed, removed, ...result })}\n`);
}
process.exit();
