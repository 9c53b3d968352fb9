import type { Manifest } from '../../classifier/manifest.ts';
import type { Optimization } from '../../classifier/onnx-runtime.ts';
import { selfTestImage } from '../../classifier/self-test.ts';
import { openSession } from '../../classifier/session.ts';
import { InvalidWeightsError } from '../checkpoint/errors.ts';

/**
 * Any seed would do. All packages use the same one, so that converting a checkpoint twice gives the
 * same package.
 */
const SEED = 1;

/** The seeds that are tried for an int8 package. */
const INT8_SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];

/**
 * Tolerance as a share of the logits' standard deviation. Adding in another order (optimization
 * `all` with its blocked layout instead of `extended`, AVX2) changed the logits by 1.3e-6 of it at
 * most, for the six released architectures, the sample model and the fixtures. `disabled` and
 * `extended` gave the same bits, and so did one thread and two. So the tolerance is 700 times the
 * effect of rounding, while a wrong kernel changes the logits by about their whole spread.
 */
const SHARE_OF_SPREAD = 1e-3;
/**
 * Smallest tolerance when the logits hardly differ from each other, as a share of the largest
 * logit; float32 resolves 6e-8 of it.
 */
const SHARE_OF_LARGEST = 1e-5;
/** Smallest tolerance when all logits are zero. */
const LEAST_TOLERANCE = 1e-9;

/**
 * The tolerance of an int8 package is this many times the difference between its two ways to
 * compute: in integers, as it is used, and in floats, as its graph is written. When a product lies
 * between two integers, one way may round up and the other down, and later layers carry the
 * difference on. Other kernels may do the same and still be right.
 */
const INT8_ALLOWANCE = 4;

/**
 * Tolerance of an fp16 package, as a share of the logits' standard deviation. Half precision
 * carries 11 bits through each of up to 104 layers. A ResNeXt-101 32x8d with random weights
 * differed by 0.15% of it on an NVIDIA H200, so this is 13 times what rounding does; see
 * docs/decisions/models.md.
 */
const HALF_SHARE_OF_SPREAD = 2e-2;

/** Digits that are enough to write a float32 and read the same one back. */
const FLOAT32_DIGITS = 9;

/**
 * Runs a package's graph on a generated image and records the logits, and how closely another
 * machine must agree with them. The weights stay mapped from disk, so the run needs little memory.
 * @throws {InvalidWeightsError} when the logits are not finite
 */
export async function recordSelfTest(folder: string, draft: Omit<Manifest, 'selfTest'>): Promise<Manifest['selfTest']> {
  if (draft.precision === 'int8') return recordInt8SelfTest(folder, draft);
  const [logits = new Float32Array()] = await runOnce(folder, draft, 'extended', [SEED]);
  const tolerance = selfTestTolerance(logits);
  const half = HALF_SHARE_OF_SPREAD * spreadOf(logits);
  return toSelfTest(SEED, logits, draft.precision === 'fp16' ? Math.max(tolerance, half) : tolerance);
}

/** Returns the largest difference of a logit that rounding can explain. */
export function selfTestTolerance(logits: Float32Array): number {
  const largest = logits.reduce((most, logit) => Math.max(most, Math.abs(logit)), 0);
  return Math.max(SHARE_OF_SPREAD * spreadOf(logits), SHARE_OF_LARGEST * largest, LEAST_TOLERANCE);
}

/**
 * Records the self-test on the image with the clearest answer: the one whose best class leads by
 * the most tolerances.
 */
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

/** Returns by how much the best class leads the second. */
function leadOf(logits: Float32Array): number {
  const [best = 0, second = Number.NEGATIVE_INFINITY] = logits.toSorted().toReversed();
  return best - second;
}

/**
 * Runs the package once for each seed.
 * @throws {InvalidWeightsError} when a logit is not finite
 */
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
