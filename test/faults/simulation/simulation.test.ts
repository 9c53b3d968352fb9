import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as z from 'zod';
import { moduleOptions } from '../../../local/module-url.ts';
import { GUARDS } from './guards.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
/** It only ends what hangs. */
const TEST_TIMEOUT_MS = 900_000;
const OPERATIONS = 100;

const resultSchema = z.object({
  seed: z.int(),
  removed: z.string().nullable(),
  findings: z.array(z.string()),
  counts: z.record(z.string(), z.number()),
});

/**
 * Plans without a missing guard. Those with `only` are what a fault needed that is repaired now:
 * - 4: a backfill's write whose answer was lost counted as another's, and its result was not
 *   published.
 * - 8: a heavy worker with a full disk did not end, and took requests to the dead letters.
 * - 18: a worker whose clock was days ahead left a job without an answer.
 * - 3: an object that failed in a run of the backfill was not repaired by the next.
 * - 14: a picture that ended the heavy worker each time left its job running.
 */
const PLANS = [
  { seed: 1, operations: OPERATIONS, only: null },
  { seed: 4, operations: OPERATIONS, only: null },
  { seed: 8, operations: OPERATIONS, only: null },
  { seed: 18, operations: OPERATIONS, only: [11, 68] },
  {
    seed: 3,
    operations: OPERATIONS,
    only: [43, 44, 45, 33, 81, 38, 92, 93, 56, 57, 25, 42, 19, 7, 68, 90, 91, 99],
  },
  { seed: 14, operations: OPERATIONS, only: [41] },
];

/**
 * A plan whose audit notices that the guard is missing. Without a number it has as few operations.
 */
const MISSED_IN: Readonly<Record<(typeof GUARDS)[number], { readonly seed: number; readonly operations?: number }>> = {
  idempotency: { seed: 1 },
  'sequencer-rule': { seed: 4 },
  'partial-batch-report': { seed: 7 },
  heartbeat: { seed: 3 },
  'last-look': { seed: 4, operations: 500 },
  'dead-letter-record': { seed: 17 },
};

async function run(plans: readonly object[]): Promise<z.output<typeof resultSchema>[]> {
  const given = [...moduleOptions(), MAIN, JSON.stringify(plans)];
  const { stdout } = await promisify(execFile)(process.execPath, given, { maxBuffer: 2 ** 24 });
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => resultSchema.parse(JSON.parse(line)));
}

test(
  'plans with faults, kills and late messages leave all as it must be; without a guard they do not',
  async () => {
    const without = GUARDS.map((removed) => ({ operations: OPERATIONS, ...MISSED_IN[removed], only: null, removed }));
    const results = await run([...PLANS.map((plan) => ({ ...plan, removed: null })), ...without]);
    const sound = results.slice(0, PLANS.length);
    const unsound = results.slice(PLANS.length);

    expect(sound.map(({ seed, findings }) => [seed, findings])).toEqual(PLANS.map(({ seed }) => [seed, []]));
    expect(unsound.filter(({ findings }) => findings.length === 0).map(({ removed }) => removed)).toEqual([]);
    expect(unsound).toHaveLength(GUARDS.length);
    const happened = Object.keys(Object.assign({}, ...sound.map(({ counts }) => counts)));
    for (const what of [
      'killed tagging',
      'killed worker',
      'killed backfill',
      'workers that ended with a full disk',
      'messages delivered twice',
      'fault s3 drop',
    ]) {
      expect(happened).toContain(what);
    }
  },
  TEST_TIMEOUT_MS,
);
