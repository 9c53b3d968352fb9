/**
 * Runs the proxies as a program of their own, until it is ended:
 *
 *   node --import tsx test/faults/main.ts '{"targets": {"s3": "http://…", …}, "plan": …}'
 *
 * A plan is `{"seed": 1, "services": {"s3": {"delayMs": 25, "refuse": 0.01}, …}}`. The program
 * prints the variables that lead another through the proxies, as one line of JSON. Started by
 * `fork`, it answers each message with the calls since the message before.
 */
import * as z from 'zod';
import { faultPlanSchema, NO_FAULTS, SERVICES } from './fault-plan.ts';
import { startProxies } from './proxies.ts';

const optionsSchema = z.strictObject({
  targets: z.record(z.enum(SERVICES), z.url()),
  plan: faultPlanSchema.default(NO_FAULTS),
});

const { targets, plan } = optionsSchema.parse(JSON.parse(process.argv[2] ?? ''));
const { variables, calls } = await startProxies(targets, plan);
process.stdout.write(`${JSON.stringify(variables)}\n`);

let told = new Map<string, number>();
process.on('message', () => {
  const since = [...calls].map(([name, count]) => [name, count - (told.get(name) ?? 0)] as const);
  told = new Map(calls);
  process.send?.(Object.fromEntries(since.filter(([, count]) => count > 0)));
});
process.on('disconnect', () => process.exit());
