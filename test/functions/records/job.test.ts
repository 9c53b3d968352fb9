import {
  isExpired,
  isFinalJob,
  JOB_LIFETIME_SECONDS,
  jobKey,
  jobSchema,
  toDone,
  toJob,
  toRefused,
  toRunning,
} from '../../../functions/records/job.ts';
import { EXPLANATION, JOB_RESULT, JOB_TIME, validJob } from './valid-job.ts';

const LATER = new Date(JOB_TIME.getTime() + 1000);

test('a new job is queued, has no result yet, and is shown for a day', () => {
  const { id, model, top, explain, source } = validJob();

  expect(toJob({ id, model, top, explain, source }, JOB_TIME)).toEqual({
    id,
    model,
    top,
    explain,
    source,
    state: 'queued',
    predictions: [],
    concepts: [],
    concept: null,
    image: null,
    explanation: null,
    reason: null,
    createdAt: '2026-11-24T12:00:00.000Z',
    updatedAt: '2026-11-24T12:00:00.000Z',
    expiresAt: JOB_TIME.getTime() / 1000 + 86_400,
  });
});

test('an answered job keeps as many predictions as were asked for, and its first time', () => {
  const running = toRunning(validJob({ top: 2 }), LATER);
  const done = toDone(running, { ...JOB_RESULT, explanation: EXPLANATION }, LATER);

  expect(done).toMatchObject({
    state: 'done',
    predictions: JOB_RESULT.predictions.slice(0, 2),
    image: JOB_RESULT.image,
    explanation: EXPLANATION,
    createdAt: JOB_TIME.toISOString(),
    updatedAt: LATER.toISOString(),
  });
  expect(jobSchema.parse(done)).toEqual(done);
});

test('an answer after a failure takes the reason away', () => {
  const failed = toRefused(validJob(), 'failed', { code: 'internal', message: 'x' }, LATER);

  expect(failed).toMatchObject({ state: 'failed', reason: { code: 'internal' } });
  expect(toDone(failed, JOB_RESULT, LATER)).toMatchObject({ state: 'done', reason: null });
});

test('an overlay that is too large for the table is left out, and the predictions stay', () => {
  const explanation = (length: number) => ({
    ...EXPLANATION,
    overlay: { ...EXPLANATION.overlay, base64: 'A'.repeat(length) },
  });
  const answer = (length: number) => toDone(validJob(), { ...JOB_RESULT, explanation: explanation(length) }, LATER);

  expect(answer(300_000).explanation?.overlay.base64).toHaveLength(300_000);
  expect(answer(300_001)).toMatchObject({ explanation: null, predictions: { length: 2 } });
});

test('done and rejected are final', () => {
  const reason = { code: 'not-an-image', message: 'x' };
  const jobs = [
    validJob(),
    toRunning(validJob(), LATER),
    toDone(validJob(), JOB_RESULT, LATER),
    toRefused(validJob(), 'rejected', reason, LATER),
    toRefused(validJob(), 'failed', reason, LATER),
  ];

  expect(jobs.map(isFinalJob)).toEqual([false, false, true, true, false]);
});

test('a job expires exactly a day after it was made, whatever its state', () => {
  const done = toDone(validJob(), JOB_RESULT, LATER);
  const end = JOB_TIME.getTime() + JOB_LIFETIME_SECONDS * 1000;

  expect([isExpired(done, new Date(end - 1)), isExpired(done, new Date(end))]).toEqual([false, true]);
});

test('the posted picture of a job lies under jobs/', () => {
  expect(jobKey('abc')).toBe('jobs/abc');
});

test.each(['', 'a/b', '../x', 'a b', 'x'.repeat(65), 'é'])('%j is not the id of a job', (id) => {
  expect(jobSchema.safeParse({ ...validJob(), id }).success).toBe(false);
});
