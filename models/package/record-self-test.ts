import type { Manifest } from '../../functions/classifier/manifest.ts';
import { selfTestImage } from '../../functions/classifier/self-test.ts';
import { openSession } from '../../functions/classifier/session.ts';
import { InvalidWeightsError } from '../checkpoint/errors.ts';

/** Any seed does; one for all, so that two conversions of a checkpoint give the same package. */
const SEED = 1;

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

/** Enough to write a float32 so that it reads back as the same one. */
const FLOAT32_DIGITS = 9;

/**
 * Runs a package's graph on a generated picture and records what came out, and how exactly another machine must agree. The weights
 * stay where they are mapped: the run takes little memory of its own.
 * @throws {InvalidWeightsError} when the logits are not finite
 */
export async function recordSelfTest(folder: string, draft: Omit<Manifest, 'selfTest'>): Promise<Manifest['selfTest']> {
  const logits = await runOnce(folder, draft);
  const broken = logits.findIndex((logit) => !Number.isFinite(logit));
  if (broken >= 0) {
    throw new InvalidWeightsError(
      `${draft.name}: the network's logit ${broken} is ${logits[broken]}, though its weights are finite: they overflow when it runs. The checkpoint is damaged or its training diverged.`,
    );
  }
  return {
    seed: SEED,
    logits: Array.from(logits, (logit) => Number(logit.toPrecision(FLOAT32_DIGITS))),
    tolerance: Number(selfTestTolerance(logits).toPrecision(2)),
  };
}

/** Largest difference of a logit that rounding explains. */
export function selfTestTolerance(logits: Float32Array): number {
  const mean = logits.reduce((sum, logit) => sum + logit, 0) / logits.length;
  const spread = Math.sqrt(logits.reduce((sum, logit) => sum + (logit - mean) ** 2, 0) / logits.length);
  const largest = logits.reduce((most, logit) => Math.max(most, Math.abs(logit)), 0);
  return Math.max(SHARE_OF_SPREAD * spread, SHARE_OF_LARGEST * largest, LEAST_TOLERANCE);
}

async function runOnce(folder: string, draft: Omit<Manifest, 'selfTest'>): Promise<Float32Array> {
  const manifest = { ...draft, selfTest: { seed: SEED, logits: [], tolerance: 1 } };
  const session = await openSession(folder, manifest, { optimization: 'extended', selfTest: false });
  try {
    return await session.run(selfTestImage(SEED), 1);
  } finally {
    await session.release();
  }
}
