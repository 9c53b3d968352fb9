import { compareAnswers } from '../../../bench/peers/answers.ts';
import type { Reply, Side } from '../../../bench/peers/side.ts';

const CLASSES = 1000;

/** Returns a side that answers every picture with logits, given as a function of the class. */
function answering(name: string, precision: 'fp32' | 'int8', logit: (index: number) => number) {
  const side: Side = { name, precision, command: [] };
  const all = Array.from({ length: CLASSES }, (_, index) => ({ index, probability: Math.exp(logit(index)) / CLASSES }));
  const classes = all.sort((one, other) => other.probability - one.probability);
  const reply: Reply = { wallMs: 1, cpuMs: 1, cpuMsSinceStart: 1, residentMb: 1, peakMb: 1, classes };
  return [side, { ask: async () => reply }] as const;
}

const ours = answering('AutoSwiftNet', 'fp32', (index) => Math.sin(index));

test('the same logits with another constant agree', async () => {
  const peer = answering('peer', 'fp32', (index) => Math.sin(index) + 3);

  expect(await compareAnswers(new Map([ours, peer]), ['a.png', 'b.png'])).toEqual([
    { side: 'AutoSwiftNet', precision: 'fp32', correlation: 1, sameBest: 1 },
    { side: 'peer', precision: 'fp32', correlation: 1, sameBest: 1 },
  ]);
});

test('an int8 side may differ by what quantization does, an fp32 side may not', async () => {
  const coarse = (precision: 'fp32' | 'int8') =>
    answering('coarse', precision, (index) => Math.round(3 * Math.sin(index)) / 3);

  await expect(compareAnswers(new Map([ours, coarse('fp32')]), ['a.png'])).rejects.toThrow(
    /coarse fp32 answers differently: correlation 0\.9\d+ .*expected 0\.9999/,
  );
  const [, agreement] = await compareAnswers(new Map([ours, coarse('int8')]), ['a.png']);
  expect(agreement?.correlation).toBeGreaterThan(0.95);
});

test('other answers in int8 are refused too', async () => {
  const wrong = answering('wrong', 'int8', (index) => Math.cos(index));

  await expect(compareAnswers(new Map([ours, wrong]), ['a.png'])).rejects.toThrow('wrong int8 answers differently');
});
