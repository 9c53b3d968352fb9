/**
 * Runs plans in a process of its own, because a plan has its own clock:
 *
 *   node --import tsx test/faults/simulation/main.ts PLANS
 *
 * PLANS is JSON: `[{"seed": 1, "operations": 100, "only": null, "removed": null}, …]`. `only` lists
 * the ids of the operations that are left; null: all.
 *
 * It prints the result of each as a line of JSON.
 */
import * as z from 'zod';
import { GUARDS } from './guards.ts';
import { drawPlan } from './plan.ts';
import { runPlan } from './run-plan.ts';
import { withOnly } from './shrink.ts';

const askedSchema = z.array(
  z.strictObject({
    seed: z.int(),
    operations: z.int().min(1),
    only: z.array(z.int()).nullable(),
    removed: z.enum(GUARDS).nullable(),
  }),
);

for (const { seed, operations, only, removed } of askedSchema.parse(JSON.parse(process.argv[2] ?? ''))) {
  const plan = drawPlan(seed, operations);
  const shortened = only === null ? plan : withOnly(plan, ({ id }) => only.includes(id));
  const result = await runPlan(shortened, { removed });
  process.stdout.write(`${JSON.stringify({ seed, removed, ...result })}\n`);
}
process.exit();
