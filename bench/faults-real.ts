/**
 * Runs seeded plans of uploads and deletions through real processes: the tagging function, the
 * function of the dead letters and the heavy worker talk through the real SDK and HTTP with the
 * embedded services. On the way calls are delayed, refused, dropped, broken off, cut short and done
 * twice, and function and worker are killed by SIGKILL at random moments. Then an audit compares
 * objects, tags, records, rows, results and queues with what must be.
 *
 *   node --import tsx bench/faults-real.ts [--plans 10] [--operations 40] [--kills 4] [--seed 1]
 *
 * Unlike the plans of bench/faults.ts, a seed does not always run alike. Results:
 * bench/results/faults-real.json.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openClassifier } from '../classifier/index.ts';
import { ensureSamplePackage } from '../models/sample/sample.ts';
import { drawRealPlan, type RealResult, runRealPlan } from '../test/faults/real-plan.ts';
import { writeResults } from './report.ts';

const { values } = parseArgs({
  options: {
    plans: { type: 'string', default: '10' },
    operations: { type: 'string', default: '40' },
    kills: { type: 'string', default: '4' },
    seed: { type: 'string', default: '1' },
  },
});
const [plans, operations, kills, firstSeed] = [values.plans, values.operations, values.kills, values.seed].map(Number);

const folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-real-faults-'));
const results = new Map<number, RealResult>();
try {
  const packageDir = await ensureSamplePackage(folder);
  const classifier = await openClassifier(packageDir);
  for (let seed = Number(firstSeed); seed < Number(firstSeed) + Number(plans); seed += 1) {
    const plan = drawRealPlan(seed, Number(operations), Number(kills));
    const start = performance.now();
    const result = await runRealPlan(plan, packageDir, classifier);
    results.set(seed, result);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(`seed ${seed}: ${result.findings.length} findings, ${seconds} s`);
    for (const finding of result.findings) console.log(`  ${finding}`);
  }
  await classifier.close();
} finally {
  await rm(folder, { recursive: true, force: true });
}

const all = [...results.values()];
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
const fates = [...new Set(all.flatMap((result) => Object.keys(result.fates)))].sort();
await writeResults('faults-real', {
  plans: results.size,
  operations: results.size * Number(operations),
  seeds: `${values.seed} to ${[...results.keys()].at(-1)}`,
  findings: [...results]
    .filter(([, one]) => one.findings.length > 0)
    .map(([seed, { findings }]) => ({ seed, findings })),
  kills: sum(all.map((result) => result.kills)),
  redriven: sum(all.map((result) => result.redriven)),
  fates: Object.fromEntries(fates.map((fate) => [fate, sum(all.map((result) => result.fates[fate] ?? 0))])),
});
process.exit(all.every(({ findings }) => findings.length === 0) ? 0 : 1);
