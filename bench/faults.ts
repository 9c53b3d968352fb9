/**
 * Runs seeded plans of uploads, deletions, requests, heavy jobs and a backfill against the
 * functions of this repository, while their calls fail, their processes are killed, their clocks
 * are wrong and the queues deliver twice, late and in no order. Then an audit compares everything
 * that is left with what must be. All of it happens in one process and on a clock of its own: the
 * same seed always runs alike.
 *
 *   node --import tsx bench/faults.ts [--plans 200] [--operations 500] [--seed 1] [--continue]
 *   node --import tsx bench/faults.ts --guards
 *   node --import tsx bench/faults.ts --replay SEED [--operations 500] [--remove GUARD]
 *     [--trace TEXT] [--shrink]
 *
 * The first runs plans with the seeds from SEED on; `--continue` keeps those that an earlier call
 * has run. The second takes away one guard after another, and looks for the first plan whose audit
 * notices it. Both write bench/results/faults.json. The third runs one plan again: `--trace` prints
 * the calls that have this text in their input, and `--shrink` leaves out what the fault does not
 * need.
 */
import { appendFile, mkdir, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { GUARDS, type Guard } from '../test/faults/simulation/guards.ts';
import { drawPlan } from '../test/faults/simulation/plan.ts';
import { type RunResult, runPlan } from '../test/faults/simulation/run-plan.ts';
import { shrink } from '../test/faults/simulation/shrink.ts';
import { writeResults } from './report.ts';

/** What one plan came to, as it is kept until all are run. */
type Row = z.output<typeof rowSchema>;

const { values } = parseArgs({
  options: {
    plans: { type: 'string', default: '200' },
    operations: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    continue: { type: 'boolean', default: false },
    guards: { type: 'boolean', default: false },
    replay: { type: 'string' },
    remove: { type: 'string' },
    trace: { type: 'string' },
    shrink: { type: 'boolean', default: false },
  },
});

const rowSchema = z.object({
  seed: z.int(),
  operations: z.int(),
  findings: z.array(z.string()),
  counts: z.record(z.string(), z.number()),
  simulatedSeconds: z.number(),
  processorSeconds: z.number(),
});
const resultsSchema = z.looseObject({ plans: z.unknown().optional(), guards: z.unknown().optional() });

const RESULTS = new URL('results/faults.json', import.meta.url);
/** What was run so far. */
const PROGRESS = fileURLToPath(new URL('../node_modules/.cache/faults/plans.jsonl', import.meta.url));
/** A guard whose absence so many plans do not show is not watched. */
const MOST_PLANS_FOR_A_GUARD = 40;
/** What is counted in the results: the beginnings of their names. */
const COUNTED = ['operation ', 'fault ', 'killed ', 'calls '];

const operations = Number(values.operations);
const firstSeed = Number(values.seed);
const isSound = await (values.replay !== undefined
  ? replay(Number(values.replay))
  : values.guards
    ? tryGuards()
    : runAll());
process.exit(isSound ? 0 : 1);

async function runAll(): Promise<boolean> {
  if (!values.continue) await rm(PROGRESS, { force: true });
  await mkdir(dirname(PROGRESS), { recursive: true });
  const kept = await readProgress();
  const rows: Row[] = [];
  for (let seed = firstSeed; seed < firstSeed + Number(values.plans); seed += 1) {
    const row = kept.find((one) => one.seed === seed && one.operations === operations) ?? (await runOne(seed));
    rows.push(row);
    for (const finding of row.findings) console.log(`seed ${seed}: ${finding}`);
  }
  const failed = rows.filter(({ findings }) => findings.length > 0);
  const plans = {
    plans: rows.length,
    operations: operations * rows.length,
    seeds: `${firstSeed} to ${firstSeed + rows.length - 1}`,
    findings: failed.map(({ seed, findings }) => ({ seed, findings })),
    simulatedHours: Math.round(sum(rows.map(({ simulatedSeconds }) => simulatedSeconds)) / 3600),
    processorSeconds: Math.round(sum(rows.map(({ processorSeconds }) => processorSeconds))),
    counts: addUp(rows),
  };
  await write({ plans });
  console.log(`${rows.length} plans of ${operations} operations: ${failed.length} with findings`);
  if (failed[0] !== undefined)
    console.log(`again: node --import tsx bench/faults.ts --replay ${failed[0].seed} --operations ${operations}`);
  return failed.length === 0;
}

async function runOne(seed: number): Promise<Row> {
  const before = process.cpuUsage();
  const result = await runPlan(drawPlan(seed, operations));
  const { user, system } = process.cpuUsage(before);
  const row = { seed, operations, ...result, findings: [...result.findings], processorSeconds: (user + system) / 1e6 };
  await appendFile(PROGRESS, `${JSON.stringify(row)}\n`);
  console.log(`seed ${seed}: ${row.findings.length} findings, ${row.processorSeconds.toFixed(1)} s`);
  return row;
}

async function readProgress(): Promise<Row[]> {
  const text = await readFile(PROGRESS, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => rowSchema.parse(JSON.parse(line)));
}

async function tryGuards(): Promise<boolean> {
  const guards: Record<
    string,
    { readonly seed: number; readonly plans: number; readonly findings: readonly string[] } | null
  > = {};
  for (const removed of GUARDS) {
    guards[removed] = null;
    for (let seed = firstSeed; seed < firstSeed + MOST_PLANS_FOR_A_GUARD && guards[removed] === null; seed += 1) {
      const { findings } = await runPlan(drawPlan(seed, operations), { removed });
      if (findings.length > 0) guards[removed] = { seed, plans: seed - firstSeed + 1, findings: findings.slice(0, 3) };
    }
    console.log(removed, guards[removed] ?? 'was not missed');
  }
  await write({ guards });
  return Object.values(guards).every((found) => found !== null);
}

async function replay(seed: number): Promise<boolean> {
  const removed = values.remove === undefined ? null : z.enum(GUARDS).parse(values.remove);
  const { trace: text } = values;
  const plan = drawPlan(seed, operations);
  const run = (one: typeof plan, wanted: Guard | null = removed) => runPlan(one, { removed: wanted });
  const { findings } = await runPlan(plan, {
    removed,
    trace: text === undefined ? null : { text, print: (line) => console.log(line) },
  });
  for (const finding of findings) console.log(finding);
  console.log(`${findings.length} findings`);
  if (values.shrink && findings.length > 0) {
    const least = await shrink(plan, async (one) => (await run(one)).findings.length > 0);
    console.log(JSON.stringify(least.operations, null, 2));
    console.log(`${least.operations.length} of ${plan.operations.length} operations:`, (await run(least)).findings);
  }
  return findings.length === 0;
}

/** Replaces one part of the results, and keeps the other. */
async function write(part: { readonly plans: object } | { readonly guards: object }): Promise<void> {
  const text = await readFile(RESULTS, 'utf8').catch(() => '{}');
  const { plans, guards } = resultsSchema.parse(JSON.parse(text));
  await writeResults('faults', { plans, guards, ...part });
}

function addUp(rows: readonly Pick<RunResult, 'counts'>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const { counts } of rows) {
    for (const [name, count] of Object.entries(counts)) {
      const isCounted =
        COUNTED.some((beginning) => name.startsWith(beginning)) || !/^(lots|started|batches|disks)/.test(name);
      if (isCounted) total[name] = (total[name] ?? 0) + count;
    }
  }
  return Object.fromEntries(Object.entries(total).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
