import { SelfTestError } from '../../classifier/errors.ts';
import { openAtInit } from '../../functions/open-at-init.ts';
import { validManifest } from '../classifier/valid-manifest.ts';

const REASON = new SelfTestError('wrong here');

/** What was logged, counted and published, in order. */
function observed() {
  const seen: unknown[] = [];
  return {
    seen,
    logger: {
      warn: (...logged: unknown[]) => seen.push(['warn', logged[0]]),
      error: (...logged: unknown[]) => seen.push(['error', ...logged]),
    },
    metrics: {
      addMetric: (name: string, unit: string, value: number) => seen.push(['metric', name, unit, value]),
      publishStoredMetrics: () => seen.push(['published']),
    },
  };
}

test('a model that opens without a fallback logs nothing', async () => {
  const { seen, logger, metrics } = observed();

  await openAtInit(async () => ({ manifest: validManifest(), fallback: null }), logger, metrics);

  expect(seen).toEqual([]);
});

test('a model with a fallback is a warning and a metric', async () => {
  const { seen, logger, metrics } = observed();
  const fallback = { kind: 'fp32', reason: REASON } as const;

  await openAtInit(async () => ({ manifest: validManifest(), fallback }), logger, metrics);

  expect(seen).toEqual([
    ['warn', expect.stringContaining('failed its self-test')],
    ['metric', 'ModelFallback', 'Count', 1],
    ['published'],
  ]);
});

test('a model that computes wrongly ends the init phase, with a metric', async () => {
  const { seen, logger, metrics } = observed();

  await expect(openAtInit(() => Promise.reject(REASON), logger, metrics)).rejects.toBe(REASON);

  expect(seen).toEqual([
    ['error', 'the model cannot be opened', REASON],
    ['metric', 'SelfTestFailed', 'Count', 1],
    ['published'],
  ]);
});

test('any other failure is logged and left to the first event', async () => {
  const { seen, logger, metrics } = observed();
  const fault = new Error('no disk');

  await openAtInit(() => Promise.reject(fault), logger, metrics);

  expect(seen).toEqual([['error', 'the model cannot be opened', fault]]);
});
