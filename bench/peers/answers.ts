import type { RunningSide, Side } from './side.ts';
import { OURS } from './sides.ts';

/** How closely a side agrees with our fp32 on pictures that no side scales. */
export interface Agreement {
  readonly side: string;
  readonly precision: string;
  /** Correlation of the log-probabilities of all classes, the lowest of all pictures. */
  readonly correlation: number;
  /** Share of the pictures with the same best class. */
  readonly sameBest: number;
}

type Answering = Pick<RunningSide, 'ask'>;

const CLASSES = 1000;
/**
 * Least correlation with our fp32. fp32 sides differ by rounding only; int8 sides also by their
 * quantization, which is coarse for random weights.
 */
const LEAST_CORRELATION = { fp32: 0.9999, int8: 0.95 };

/**
 * Compares the answers of all sides, before anything is timed.
 * @throws {Error} naming the side whose model or pixels are not the same as ours
 */
export async function compareAnswers(
  sides: ReadonlyMap<Side, Answering>,
  pictures: readonly string[],
): Promise<Agreement[]> {
  const found = new Map<Side, Float64Array[]>();
  for (const [side, running] of sides) {
    const answers: Float64Array[] = [];
    for (const picture of pictures) answers.push(await logProbabilities(running, picture));
    found.set(side, answers);
  }
  const [, reference = []] = [...found].find(([{ name, precision }]) => name === OURS && precision === 'fp32') ?? [];
  return [...found].map(([{ name, precision }, answers]) => {
    const correlation = Math.min(...answers.map((one, index) => correlate(one, reference[index] ?? one)));
    if (!(correlation >= LEAST_CORRELATION[precision])) {
      throw new Error(
        `${name} ${precision} answers differently: correlation ${correlation} of log-probabilities, expected ${LEAST_CORRELATION[precision]}`,
      );
    }
    const same = answers.filter((one, index) => bestOf(one) === bestOf(reference[index] ?? one));
    return {
      side: name,
      precision,
      correlation: Number(correlation.toFixed(6)),
      sameBest: same.length / answers.length,
    };
  });
}

async function logProbabilities(running: Answering, picture: string): Promise<Float64Array> {
  const { classes } = await running.ask(picture, CLASSES);
  const logs = new Float64Array(CLASSES).fill(Number.NaN);
  for (const { index, probability } of classes) logs[index] = Math.log(probability);
  return logs;
}

function correlate(one: Float64Array, other: Float64Array): number {
  const centred = [one, other].map((values) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return values.map((value) => value - mean);
  }) as [Float64Array, Float64Array];
  const product = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
  const [a, b] = centred;
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}

function bestOf(values: Float64Array): number {
  return values.indexOf(Math.max(...values));
}
