import { ApiError } from '../../../web/api/api-error.ts';
import type { Api } from '../../../web/api/client.ts';
import type { Step } from '../../../web/classify/picture.ts';
import { ASSUMED_LIMITS, followAnswer, type Limits, sendPicture } from '../../../web/classify/send-picture.ts';
import { CLASSIFICATION, FINDINGS, heavyResult, job, scriptedApi } from './pictures.ts';

const WISH = { model: null, explain: true, idempotencyKey: 'k' };
/** The small model's answer, while the heavy model is asked, too. */
const UNSURE = { ...CLASSIFICATION, escalated: { model: 'heavy', jobId: 'j1', job: '/jobs/j1' } };
const SMALL_LIMITS: Limits = { requestBytes: 4, uploadBytes: 8, contentTypes: ['image/jpeg', 'image/png'] };

function sending(part: Partial<Api>, limits = ASSUMED_LIMITS) {
  const steps: Step[] = [];
  const { signal } = new AbortController();
  return { steps, sending: { api: scriptedApi(part), limits, signal, report: (step: Step) => steps.push(step) } };
}

test('a picture that fits into one request is sent in one', async () => {
  const file = new File(['1234'], 'a.jpg');
  const asked: unknown[] = [];
  const { steps, sending: how } = sending(
    {
      classify: async (picture, options) => {
        asked.push(picture, options);
        return CLASSIFICATION;
      },
    },
    SMALL_LIMITS,
  );

  const sent = await sendPicture(file, WISH, how);

  expect(sent).toEqual({ answer: CLASSIFICATION, storedAs: null });
  expect(asked).toEqual([file, WISH]);
  expect(steps).toEqual([{ kind: 'sending' }]);
});

test.each([
  ['too large for the bucket, too', new File(['123456789'], 'a.jpg', { type: 'image/jpeg' }), 413, '9 bytes'],
  ['of a type that the bucket does not accept', new File(['12345'], 'a.bmp', { type: 'image/bmp' }), 415, 'image/bmp'],
  ['of no type at all', new File(['12345'], 'a'), 415, 'The file type is unknown.'],
])('a large file that is %s is refused before anything is sent', async (_what, file, status, words) => {
  const { sending: how } = sending({}, SMALL_LIMITS);

  const refused = sendPicture(file, WISH, how);

  await expect(refused).rejects.toThrow(ApiError);
  await expect(refused).rejects.toMatchObject({ status, message: expect.stringContaining(words) });
});

test.each([
  ['a.JPG', '', 'image/jpeg'],
  ['a.b.png', '', 'image/png'],
  ['a.png', 'image/jpeg', 'image/jpeg'],
])('an upload of %s with type "%s" is requested as %s', async (name, type, contentType) => {
  const asked: string[] = [];
  const { sending: how } = sending(
    {
      createUpload: async (wanted) => {
        asked.push(wanted);
        throw new ApiError('far enough', { status: 500 });
      },
    },
    SMALL_LIMITS,
  );

  await expect(sendPicture(new File(['12345'], name, { type }), WISH, how)).rejects.toThrow('far enough');

  expect(asked).toEqual([contentType]);
});

test('an answer at once is the end', async () => {
  const { steps, sending: how } = sending({});

  await followAnswer({ answer: CLASSIFICATION, storedAs: 'uploads/x.jpg' }, how);

  expect(steps).toEqual([{ kind: 'done', findings: { ...FINDINGS, storedAs: 'uploads/x.jpg' }, secondLook: null }]);
});

test('a heavy model’s job is followed until it is done', async () => {
  const answers = [job('running'), job('done', { result: heavyResult() })];
  const { steps, sending: how } = sending({ job: async () => answers.shift() ?? job('failed') });

  await followAnswer({ answer: job('queued'), storedAs: null }, how);

  expect(steps.map(({ kind }) => kind)).toEqual(['working', 'working', 'working', 'done']);
  expect(steps.slice(0, 2)).toEqual([
    { kind: 'working', model: 'heavy', isRunning: false },
    { kind: 'working', model: 'heavy', isRunning: true },
  ]);
  expect(steps.at(-1)).toMatchObject({ findings: { model: 'heavy', totalMs: null } });
});

test('a job that ends badly gives its reason', async () => {
  const reason = { code: 'truncated-image', message: 'the data end early' };
  const { steps, sending: how } = sending({});

  await followAnswer({ answer: job('rejected', { reason }), storedAs: null }, how);

  expect(steps.at(-1)).toMatchObject({
    kind: 'failed',
    explanation: { detail: 'the data end early', canRetry: false },
  });
});

test('if the small model is not sure, its answer shows at once and the heavy model’s answer later', async () => {
  const { steps, sending: how } = sending({ job: async () => job('done', { result: heavyResult() }) });

  await followAnswer({ answer: UNSURE, storedAs: null }, how);

  expect(steps).toMatchObject([
    { kind: 'done', findings: { model: 'sample' }, secondLook: { kind: 'working', model: 'heavy' } },
    { kind: 'done', findings: { model: 'sample' }, secondLook: { kind: 'done', findings: { model: 'heavy' } } },
  ]);
});

test('if the heavy model then fails, the small model’s answer stays', async () => {
  const { steps, sending: how } = sending({
    job: async () => job('failed', { reason: { code: 'x', message: 'no GPU' } }),
  });

  await followAnswer({ answer: UNSURE, storedAs: null }, how);

  expect(steps.at(-1)).toMatchObject({
    kind: 'done',
    findings: { model: 'sample' },
    secondLook: { kind: 'failed', model: 'heavy', explanation: { detail: 'no GPU' } },
  });
});

test('while a job is followed, a request that meets no network is no end', async () => {
  const answers = [new ApiError('no network', { status: 0 }), job('done', { result: heavyResult() })];
  const { steps, sending: how } = sending({
    job: async () => {
      const next = answers.shift() ?? job('failed');
      if (next instanceof ApiError) throw next;
      return next;
    },
  });

  await followAnswer({ answer: UNSURE, storedAs: null }, how);

  expect(steps.at(-1)).toMatchObject({ secondLook: { kind: 'done', findings: { model: 'heavy' } } });
});

test('if the job of the second look cannot be asked for, the small model’s answer stays', async () => {
  const { steps, sending: how } = sending({
    job: async () => {
      throw new ApiError('there is no job j1', { status: 404 });
    },
  });

  await followAnswer({ answer: UNSURE, storedAs: null }, how);

  expect(steps.at(-1)).toMatchObject({
    kind: 'done',
    findings: { model: 'sample' },
    secondLook: { kind: 'failed', model: 'heavy', explanation: { detail: 'there is no job j1' } },
  });
});
