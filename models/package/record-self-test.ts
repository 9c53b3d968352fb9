import type { Manifest } from '../../classifier/manifest.ts';
import { selfTestImage } from '../../classifier/self-test.ts';
import { type Optimization, openSession } from '../../classifier/session.ts';
import { InvalidWeightsError } from '../checkpoint/errors.ts';

/** Any seed does; one for all, so that two conversions of a checkpoint give the same package. */
const SEED = 1;

/** Seeds that are tried for an int8 package. */
const INT8_SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];

/**
 * Tolerance as a share of the logits' standard deviation. Another order of additions (optimization `all` with its blocked layout against
 * `extended`, AVX2) changed them by 1.3e-6 of it at most, in the six released architectures, the sample and the fixtures; `disabled` and
 * `extended`, one thread and two agree to the bit. So this is 700 times what rounding does, and a wrong kernel is off by all of it.
 */
const SHARE_OF_SPREAD = 1e-3;
/** Least tolerance where the logits hardly differ from each other: float32 resolves 6e-8 of them. */
const SHARE_OF_LARGEST = 1e-5;
/** Least tolerance where all logits are zero. */
const LEAST_TOLERANCE = 1e-9;

/**
 * An int8 package is computed in whole numbers, as it is served, and in floats, as its graph reads. Where a product lies between two whole
 * numbers the one may round up and the other down, which later layers carry on: other kernels may do as much, and be right. So the
 * tolerance is this many times what the two differ by.
 */
const INT8_ALLOWANCE = 4;

/** Half precision carries 11 bits through each of up to 104 layers. Not measured: no GPU was at hand; see docs/decisions/models.md. */
const HALF_SHARE_OF_SPREAD = 5e-2;

/** Enough to write a float32 so that it reads back as the same one. */
const FLOAT32_DIGITS = 9;

/**
 * Runs a package's graph on a generated picture and records what came out, and how exactly another machine must agree. The weights
 * stay where they are mapped: the run takes little memory of its own.
 * @throws {InvalidWeightsError} when the logits are not finite
 */
export async function recordSelfTest(folder: string, draft: Omit<Manifest, 'selfTest'>): Promise<Manifest['selfTest']> {
  if (draft.precision === 'int8') return recordInt8SelfTest(folder, draft);
  const [logits = new Float32Array()] = await runOnce(folder, draft, 'extended', [SEED]);
  const tolerance = selfTestTolerance(logits);
  const half = HALF_SHARE_OF_SPREAD * spreadOf(logits);
  return toSelfTest(SEED, logits, draft.precision === 'fp16' ? Math.max(tolerance, half) : tolerance);
}

/** Largest difference of a logit that rounding explains. */
export function selfTestTolerance(logits: Float32Array): number {
  const largest = logits.reduce((most, logit) => Math.max(most, Math.abs(logit)), 0);
  return Math.max(SHARE_OF_SPREAD * spreadOf(logits), SHARE_OF_LARGEST * largest, LEAST_TOLERANCE);
}

/** Of several pictures the one that is told apart best: whose best class leads by the most tolerances. */
async function recordInt8SelfTest(folder: string, draft: Omit<Manifest, 'selfTest'>): Promise<Manifest['selfTest']> {
  const served = await runOnce(folder, draft, 'all', INT8_SEEDS);
  const asFloats = await runOnce(folder, draft, 'disabled', INT8_SEEDS);
  const tests = INT8_SEEDS.map((seed, index) => {
    const [logits = new Float32Array(), floats = new Float32Array()] = [served[index], asFloats[index]];
    const difference = logits.reduce((most, logit, at) => Math.max(most, Math.abs(logit - (floats[at] ?? 0))), 0);
    const tolerance = Math.max(INT8_ALLOWANCE * difference, selfTestTolerance(logits));
    return { seed, logits, tolerance, certainty: leadOf(logits) / tolerance };
  });
  const [{ seed, logits, tolerance }] = tests.toSorted((a, b) => b.certainty - a.certainty) as [(typeof tests)[0]];
  return toSelfTest(seed, logits, tolerance);
}

function toSelfTest(seed: number, logits: Float32Array, tolerance: number): Manifest['selfTest'] {
  return {
    seed,
    logits: Array.from(logits, (logit) => Number(logit.toPrecision(FLOAT32_DIGITS))),
    tolerance: Number(tolerance.toPrecision(2)),
  };
}

function spreadOf(logits: Float32Array): number {
  const mean = logits.reduce((sum, logit) => sum + logit, 0) / logits.length;
  return Math.sqrt(logits.reduce((sum, logit) => sum + (logit - mean) ** 2, 0) / logits.length);
}

/** By how much the best class leads the second. */
function leadOf(logits: Float32Array): number {
  const [best = 0, second = Number.NEGATIVE_INFINITY] = logits.toSorted().toReversed();
  return best - second;
}

/** @throws {InvalidWeightsError} */
async function runOnce(
  folder: string,
  draft: Omit<Manifest, 'selfTest'>,
  optimization: Optimization,
  seeds: readonly number[],
): Promise<Float32Array[]> {
  const manifest = { ...draft, selfTest: { seed: SEED, logits: [], tolerance: 1 } };
  const session = await openSession(folder, manifest, { optimization, selfTest: false });
  try {
    const runs: Float32Array[] = [];
    for (const seed of seeds) {
      const logits = await session.run(selfTestImage(seed), 1);
      requireFinite(logits, draft.name);
      runs.push(logits);
    }
    return runs;
  } finally {
    await session.release();
  }
}

function requireFinite(logits: Float32Array, name: string): void {
  const broken = logits.findIndex((logit) => !Number.isFinite(logit));
  if (broken < 0) return;
  throw new InvalidWeightsError(
    `${name}: logit ${broken} is ${logits[broken]} although all weights are finite numbers: the values overflow while the network runs. Either the checkpoint is damaged or its training diverged.`,
  );
}
