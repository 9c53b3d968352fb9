import { answerLater, type HeavyQuestion } from '../../../functions/api/answer-later.ts';
import { jobIdOf } from '../../../functions/api/idempotency.ts';
import type { ApiRequest } from '../../../functions/api/request.ts';
import { type Job, toRunning } from '../../../functions/records/job.ts';
import type { HeavyRequest } from '../../../functions/routing/heavy-message.ts';

const NOW = new Date('2026-11-25T12:00:00Z');
const QUESTION: HeavyQuestion = { id: 'abc', model: 'heavy', top: 7, explain: true, picture: Buffer.from('picture') };

function world() {
  const stored = new Map<string, Job>();
  const steps: string[] = [];
  const sent: HeavyRequest[] = [];
  return {
    stored,
    steps,
    sent,
    dependencies: {
      jobs: {
        async create(job: Job) {
          steps.push('job');
          if (stored.has(job.id)) return false;
          stored.set(job.id, job);
          return true;
        },
        read: async (id: string) => stored.get(id) ?? null,
      },
      askHeavy: async (request: HeavyRequest) => {
        steps.push('message');
        sent.push(request);
      },
      async keepPicture(jobId: string) {
        steps.push('picture');
        return { bucket: 'service', key: `jobs/${jobId}`, versionId: null, eTag: 'e' };
      },
      now: () => NOW,
    },
  };
}

test('the picture is kept before the job, the job before the message', async () => {
  const { dependencies, steps, sent, stored } = world();

  const job = await answerLater(QUESTION, dependencies);

  expect(steps).toEqual(['picture', 'job', 'message']);
  expect(job).toMatchObject({
    id: 'abc',
    state: 'queued',
    model: 'heavy',
    top: 7,
    explain: true,
    createdAt: NOW.toISOString(),
  });
  expect(stored.get('abc')).toEqual(job);
  expect(sent).toEqual([
    {
      version: 1,
      jobId: 'abc',
      source: { bucket: 'service', key: 'jobs/abc', versionId: null, eTag: 'e', sequencer: null },
      model: 'heavy',
      top: 7,
      explain: true,
    },
  ]);
});

test('an object is looked at where it lies', async () => {
  const { dependencies, steps, sent } = world();
  const picture = { bucket: 'uploads', key: 'a.jpg', versionId: 'v', eTag: 'e' };

  await answerLater({ ...QUESTION, picture }, dependencies);

  expect(steps).toEqual(['job', 'message']);
  expect(sent[0]?.source).toEqual({ ...picture, sequencer: null });
});

test('when asked again the job stays as it is, and its message is sent again only while no worker has begun', async () => {
  const { dependencies, sent, stored } = world();
  const first = await answerLater(QUESTION, dependencies);

  expect(await answerLater(QUESTION, { ...dependencies, now: () => new Date() })).toEqual(first);
  expect(sent).toHaveLength(2);
  const running = toRunning(first, NOW);
  stored.set('abc', running);
  expect(await answerLater(QUESTION, dependencies)).toEqual(running);
  expect(sent).toHaveLength(2);
});

test('without a heavy queue it throws', async () => {
  await expect(answerLater(QUESTION, { ...world().dependencies, askHeavy: null })).rejects.toThrow(
    'there is no heavy queue',
  );
});

describe('the id of a job', () => {
  const request = (changes: Partial<ApiRequest>): ApiRequest => ({
    method: 'POST',
    path: '/classify',
    parameters: {},
    query: new URLSearchParams('model=heavy'),
    headers: { 'idempotency-key': 'one' },
    contentType: 'image/jpeg',
    body: { size: 1, isText: false, bytes: () => Buffer.from('a') },
    principal: null,
    requestId: 'r',
    ...changes,
  });

  test('follows from the Idempotency-Key, the sender and the whole request', () => {
    const id = jobIdOf(request({}));

    expect(id).toMatch(/^[\w-]{43}$/);
    expect(jobIdOf(request({ requestId: 'another' }))).toBe(id);
    const others = [
      request({ headers: { 'idempotency-key': 'two' } }),
      request({ principal: 'jwt a b' }),
      request({ query: new URLSearchParams('model=heavy&top=1') }),
      request({ contentType: 'image/png' }),
      request({ body: { size: 1, isText: false, bytes: () => Buffer.from('b') } }),
    ].map(jobIdOf);
    expect(new Set([id, ...others]).size).toBe(6);
  });

  test('is new every time without one', () => {
    expect(jobIdOf(request({ headers: {} }))).not.toBe(jobIdOf(request({ headers: {} })));
  });
});
