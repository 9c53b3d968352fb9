/**
 * Tries hostile input of one kind in a watched process:
 *
 * node --import tsx bench/hostile.ts KIND [--inputs N] [--seed S] [--from I] [--processes P]
 *
 * KIND is a kind of test/hostile/kinds.ts. An input depends on its kind, the seed and its number
 * alone, so `--from 4711 --inputs 1` tries that one again. A run that was interrupted goes on where
 * it was, if it is started with the same options. Results: bench/results/hostile-KIND.json. What
 * was answered wrongly is kept in node_modules/.cache/hostile/, and the exit code is 1.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { KINDS } from '../test/hostile/kinds.ts';
import { addResult, emptyTally, type Tally, tallySchema } from '../test/hostile/tally.ts';
import { type Bounds, watch } from '../test/hostile/watch.ts';
import { writeResults } from './report.ts';

/**
 * A picture, checkpoint, event or request is answered within 5 s of processor time, and by a
 * process of no more memory than a function has by default (`memoryMb`).
 */
const BOUNDS: Bounds = { cpuMs: 5_000, wallMs: 120_000, memoryMb: 1_769 };
const SAVE_EVERY = 500;
const CACHE = fileURLToPath(new URL('../node_modules/.cache/hostile', import.meta.url));

/** What each process has still to do, and what came of the rest. */
const stateSchema = z.object({
  ranges: z.array(z.object({ next: z.number(), to: z.number() })),
  tally: tallySchema,
});

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    inputs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    processes: { type: 'string', default: '1' },
  },
});
const [kind = ''] = positionals;
if (KINDS[kind] === undefined) throw new TypeError(`KIND must be one of ${Object.keys(KINDS).join(', ')}`);
const [seed, from, inputs, processes] = [values.seed, values.from, values.inputs, values.processes].map(Number) as [
  number,
  number,
  number,
  number,
];

const to = from + inputs;
await mkdir(CACHE, { recursive: true });
const statePath = join(CACHE, `${kind}-${seed}-${from}-${to}-${processes}.json`);
const state = await readState();
await Promise.all(state.ranges.map(watchRange));
await rm(statePath, { force: true });
await finish(state.tally);

async function readState(): Promise<z.output<typeof stateSchema>> {
  const text = await readFile(statePath, 'utf8').catch(() => null);
  if (text !== null) return stateSchema.parse(JSON.parse(text));
  const share = Math.ceil(inputs / processes);
  const starts = Array.from({ length: processes }, (_, process) => from + process * share);
  return { ranges: starts.map((next) => ({ next, to: Math.min(to, next + share) })), tally: emptyTally() };
}

async function watchRange(range: { next: number; to: number }): Promise<void> {
  await watch({
    kind,
    seed,
    from: range.next,
    to: range.to,
    bounds: BOUNDS,
    found: CACHE,
    temporary: tmpdir(),
    onResult(result) {
      addResult(state.tally, result);
      range.next = result.index + 1;
      if (result.fault !== undefined) {
        console.error(`${kind} ${seed} ${result.index}, ${result.mutation}: ${result.fault}`);
      }
      if (state.tally.inputs % SAVE_EVERY === 0) saveState();
    },
  });
}

/** Replaces the file at once, so that an interruption leaves a whole one. */
function saveState(): void {
  writeFileSync(`${statePath}.new`, JSON.stringify(state));
  renameSync(`${statePath}.new`, statePath);
  console.log(`${state.tally.inputs} of ${inputs}`);
}

async function finish({ outcomes, mutations, slowestMs, greatestMb, faults, ...tally }: Tally): Promise<void> {
  console.table(outcomes);
  console.log({ slowestMs, greatestMb, faults: faults.length });
  const command = `node --import tsx bench/hostile.ts ${kind} --inputs ${inputs} --seed ${seed}`;
  await writeResults(`hostile-${kind}`, {
    command: from === 0 ? command : `${command} --from ${from}`,
    bounds: BOUNDS,
    ...tally,
    outcomes,
    slowestMs,
    greatestMb,
    faults,
    mutations,
  });
  if (faults.length > 0) process.exitCode = 1;
}
