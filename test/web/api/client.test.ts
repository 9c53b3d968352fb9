import { setImmediate } from 'node:timers/promises';
import { ApiError } from '../../../web/api/api-error.ts';
import { type Api, type ApiOptions, createApi } from '../../../web/api/client.ts';

const NEVER = new AbortController().signal;
const WISH = { model: null, explain: false, idempotencyKey: 'k' };

const CLASSIFICATION = {
  model: 'sample',
  predictions: [{ rank: 1, label: 'daisy', wnid: null, index: 985, probability: 0.86 }],
  concepts: [],
  concept: null,
  image: { width: 320, height: 360, format: 'jpeg', bytes: 11_398 },
  timings: { decode: 9, run: 5, total: 14 },
  explanation: null,
  escalated: null,
  knows: null,
};

const JOB = {
  id: 'j1',
  state: 'queued',
  model: 'heavy',
  createdAt: '2026-11-25T20:00:00Z',
  updatedAt: '2026-11-25T20:00:00Z',
  result: null,
  reason: null,
};

interface Exchange {
  readonly api: Api;
  readonly requests: Request[];
  readonly pauses: number[];
}

/** An API with prepared answers. It repeats the last one. */
function answering(answers: readonly (() => Response)[], token: string | null = null): Exchange {
  const requests: Request[] = [];
  const pauses: number[] = [];
  const api = createApi({
    token: async () => token,
    fetch: async (input, init) => {
      const answer = answers[Math.min(requests.length, answers.length - 1)];
      requests.push(new Request(new URL(String(input), 'http://page.test'), init));
      if (answer === undefined) throw new TypeError('Failed to fetch');
      return answer();
    },
    sleep: async (ms) => void pauses.push(ms),
  });
  return { api, requests, pauses };
}

test('a picture is sent as bytes, whatever type the browser guesses, with its own idempotency key', async () => {
  const { api, requests } = answering([() => Response.json(CLASSIFICATION)]);
  const picture = new Blob([new Uint8Array([1, 2, 3])], { type: 'text/html' });

  const answer = await api.classify(picture, { model: 'a&b', explain: true, idempotencyKey: 'key-1' }, NEVER);

  const [request] = requests;
  expect(answer).toMatchObject({ model: 'sample', predictions: [{ label: 'daisy', probability: 0.86 }] });
  expect(request?.url).toBe('http://page.test/classify?model=a%26b&explain=true');
  expect(request?.method).toBe('POST');
  expect(request?.headers.get('content-type')).toBe('application/octet-stream');
  expect(request?.headers.get('idempotency-key')).toBe('key-1');
  expect(request?.headers.has('authorization')).toBe(false);
  expect(new Uint8Array((await request?.arrayBuffer()) ?? [])).toEqual(new Uint8Array([1, 2, 3]));
});

test('an object in the bucket is sent as JSON with its key', async () => {
  const { api, requests } = answering([() => Response.json(JOB, { status: 202 })]);

  const answer = await api.classify({ key: 'uploads/ü.jpg' }, WISH, NEVER);

  expect(answer).toMatchObject({ id: 'j1', state: 'queued' });
  expect(requests[0]?.headers.get('content-type')).toBe('application/json');
  expect(await requests[0]?.json()).toEqual({ key: 'uploads/ü.jpg' });
});

test('the token of a signed-in user is sent', async () => {
  const { api, requests } = answering([() => Response.json(JOB)], 'token-1');

  await api.job('a/b', NEVER);

  expect(requests[0]?.url).toBe('http://page.test/jobs/a%2Fb');
  expect(requests[0]?.headers.get('authorization')).toBe('Bearer token-1');
});

test.each([
  [{ label: '', minProbability: 0.5, cursor: null, limit: 24 }, '/images?limit=24&order=newest'],
  [
    { label: 'daisy', minProbability: 0.5, cursor: 'c+', limit: 1 },
    '/images?limit=1&label=daisy&minProbability=0.5&cursor=c%2B',
  ],
])('the search %j requests %s', async (search, path) => {
  const { api, requests } = answering([() => Response.json({ images: [], cursor: null })]);

  await api.images(search, NEVER);

  expect(requests[0]?.url).toBe(`http://page.test${path}`);
});

test('a thumbnail is requested with the token, and comes as bytes', async () => {
  const { api, requests } = answering([() => new Response('webp')], 'token-1');

  const thumbnail = await api.thumbnail('aWQ', NEVER);

  expect(requests[0]?.url).toBe('http://page.test/images/aWQ/thumbnail');
  expect(requests[0]?.headers.get('authorization')).toBe('Bearer token-1');
  expect(await thumbnail.text()).toBe('webp');
});

test('labels are completed', async () => {
  const dog = { id: 'n02084071', label: 'dog', synonyms: ['domestic dog'], kind: 'concept' as const };
  const { api, requests } = answering([() => Response.json({ labels: [dog] })]);

  expect(await api.labels('d&o', NEVER)).toEqual({ labels: [dog] });

  expect(requests[0]?.url).toBe('http://page.test/labels?query=d%26o');
});

test('while the answer is "later", it asks again at the pace that the service names', async () => {
  const loading = () => Response.json({ detail: 'the model loads' }, { status: 503, headers: { 'retry-after': '3' } });
  const busy = () => Response.json({ message: 'Too Many Requests' }, { status: 429 });
  const { api, requests, pauses } = answering([loading, busy, () => Response.json(CLASSIFICATION)]);

  await api.classify(new Blob(['x']), { ...WISH, idempotencyKey: 'same' }, NEVER);

  expect(pauses).toEqual([3_000, 2_000]);
  expect(requests.map((request) => request.headers.get('idempotency-key'))).toEqual(['same', 'same', 'same']);
});

test('it stops asking after a while, and never waits longer than half a minute', async () => {
  const loading = () =>
    Response.json({ detail: 'the model loads' }, { status: 503, headers: { 'retry-after': '3600' } });
  const { api, requests, pauses } = answering([loading]);

  await expect(api.models()).rejects.toMatchObject({ name: 'ApiError', status: 503, message: 'the model loads' });

  expect(requests).toHaveLength(6);
  expect(new Set(pauses)).toEqual(new Set([30_000]));
});

test.each([400, 401, 404, 413, 415, 422, 500])('status %i is an error at once', async (status) => {
  const { api, requests } = answering([() => Response.json({ detail: 'no' }, { status })]);

  await expect(api.models()).rejects.toThrow(ApiError);

  expect(requests).toHaveLength(1);
});

test('a failed connection is an error with status 0', async () => {
  const { api } = answering([]);

  await expect(api.health()).rejects.toMatchObject({ name: 'ApiError', status: 0 });
});

test.each([
  ['HTML', () => new Response('<p>hello</p>')],
  ['JSON of another form', () => Response.json({ models: 'none' })],
  [
    'an overlay that is no base64',
    () => Response.json({ ...CLASSIFICATION, explanation: { overlay: { base64: '"><' } } }),
  ],
])('%s instead of an answer is an error that says so', async (_what, answer) => {
  const { api } = answering([answer]);

  await expect(api.classify(new Blob(['x']), WISH, NEVER)).rejects.toMatchObject({ code: 'unexpected-answer' });
});

describe('a request that hangs', () => {
  /** An API that is never answered. Its limits pass when a test says so. */
  function hanging(part: Partial<ApiOptions> = {}) {
    const limits: number[] = [];
    const ender = new AbortController();
    const api = createApi({
      token: async () => null,
      fetch: (_url, init) => orAborted(init?.signal),
      timeout: (ms) => {
        limits.push(ms);
        return ender.signal;
      },
      ...part,
    });
    return { api, limits, pass: () => ender.abort(new DOMException('too late', 'TimeoutError')) };
  }
  const orAborted = (signal: AbortSignal | null | undefined) =>
    new Promise<never>((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
  const late = { name: 'ApiError', status: 0, message: 'No answer arrived in time.' };

  test.each([
    ['the health', 60_000, (api: Api) => api.health()],
    [
      'a list of images',
      60_000,
      (api: Api) => api.images({ label: '', minProbability: 0, cursor: null, limit: 1 }, NEVER),
    ],
    ['a thumbnail', 60_000, (api: Api) => api.thumbnail('i', NEVER)],
    ['a classification', 180_000, (api: Api) => api.classify(new Blob(['x']), WISH, NEVER)],
  ])('for %s ends after %i ms', async (_what, limitMs, ask) => {
    const { api, limits, pass } = hanging();
    const asking = ask(api);

    pass();

    await expect(asking).rejects.toMatchObject(late);
    expect(limits).toEqual([limitMs]);
  });

  test('in the middle of its answer ends, too', async () => {
    const { api, pass } = hanging({
      fetch: async (_url, init) => {
        const body = new ReadableStream({
          start(controller) {
            controller.enqueue(new TextEncoder().encode('{"models":['));
            init?.signal?.addEventListener('abort', () => controller.error(init.signal?.reason));
          },
        });
        return new Response(body);
      },
    });
    const asking = api.models();

    await setImmediate();
    pass();

    await expect(asking).rejects.toMatchObject(late);
  });

  test('for its token ends, too', async () => {
    const { api, pass } = hanging({ token: () => new Promise(() => {}) });
    const asking = api.models();

    pass();

    await expect(asking).rejects.toMatchObject(late);
  });

  test('for its token ends when it is aborted', async () => {
    const { api } = hanging({ token: () => new Promise(() => {}) });
    const ending = new AbortController();
    const asking = api.job('j', ending.signal);

    ending.abort(new Error('removed'));

    await expect(asking).rejects.toThrow('removed');
  });
});

test('a token that cannot be refreshed is the error of the request', async () => {
  const error = new ApiError('the login server gave no answer', { status: 0 });
  const api = createApi({ token: () => Promise.reject(error) });

  await expect(api.models()).rejects.toBe(error);
});

test('an aborted request ends with the reason of its signal, not as a failed connection', async () => {
  const ending = new AbortController();
  const api = createApi({
    token: async () => null,
    fetch: async () => {
      ending.abort(new Error('removed'));
      throw new DOMException('aborted', 'AbortError');
    },
  });

  await expect(api.job('j', ending.signal)).rejects.toThrow('removed');
});
