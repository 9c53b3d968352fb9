import { PROBLEM_TYPE_PREFIX } from '../../../functions/wire.ts';
import { jsonOf, openTestApi, openTestServices, type TestApi, type TestServices } from './test-api.ts';

const ORIGINS = { AUTOSWIFTNET_CORS_ORIGINS: 'https://photos.example, https://*.example.org' };
const PREFLIGHT = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,x-mine' };

let services: TestServices;
let api: TestApi;
let closed: TestApi;

beforeAll(async () => {
  services = await openTestServices();
  api = openTestApi({ modelsDir: '/nonexistent', model: 'sample', variables: ORIGINS });
  closed = openTestApi({ modelsDir: '/nonexistent', model: 'sample' });
});

afterAll(() => services?.close());

test.each(['https://photos.example', 'https://a.example.org'])('a page of %s may send everything', async (origin) => {
  for (const path of ['/classify', '/images/YQ', '/nothing']) {
    const answer = await api.call('OPTIONS', path, { headers: { origin, ...PREFLIGHT } });

    expect(answer.status).toBe(204);
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET, HEAD, POST',
      'access-control-allow-headers': 'authorization,x-mine',
      'access-control-max-age': '3600',
      vary: 'Origin',
    });
  }
});

test.each(['https://evil.example', 'https://photos.example.evil', 'null'])(
  'a preflight from %s is refused with a problem that names it',
  async (origin) => {
    for (const one of [api, closed]) {
      const answer = await one.call('OPTIONS', '/classify', { headers: { origin, ...PREFLIGHT } });

      expect(answer.status).toBe(403);
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
      expect(jsonOf(answer)).toMatchObject({
        type: `${PROBLEM_TYPE_PREFIX}foreign-origin`,
        detail: `pages of ${origin} may not use this API: add this origin to corsOrigins when you deploy it (locally to AUTOSWIFTNET_CORS_ORIGINS)`,
      });
    }
  },
);

test('every answer to an allowed page can be read by it, errors as well', async () => {
  const headers = { origin: 'https://photos.example' };
  const answers = [
    await api.call('GET', '/health', { headers }),
    await api.call('GET', '/nothing', { headers }),
    await api.call('POST', '/classify', { headers: { ...headers, 'content-type': 'text/plain' }, body: 'a' }),
    await api.call('GET', '/models', { headers }),
  ];

  expect(answers.map(({ status }) => status)).toEqual([200, 404, 415, 500]);
  for (const answer of answers) {
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': 'https://photos.example',
      'access-control-expose-headers': 'accept-encoding, allow, apigw-requestid, location, retry-after',
      vary: 'Origin',
    });
  }
});

test('other pages, and programs, get the same answers without a word of CORS', async () => {
  const foreign = await api.call('GET', '/health', { headers: { origin: 'https://evil.example' } });
  const program = await api.call('GET', '/health');
  const none = await closed.call('GET', '/health', { headers: { origin: 'https://photos.example' } });

  expect([foreign.status, program.status, none.status]).toEqual([200, 200, 200]);
  for (const { headers } of [foreign, program, none]) {
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  }
  expect([foreign.headers['vary'], program.headers['vary'], none.headers['vary']]).toEqual([
    'Origin',
    'Origin',
    undefined,
  ]);
});

test('an OPTIONS request that is no preflight is a wrong method', async () => {
  for (const headers of [{}, { origin: 'https://photos.example' }, PREFLIGHT]) {
    expect((await api.call('OPTIONS', '/classify', { headers })).status).toBe(405);
  }
});
