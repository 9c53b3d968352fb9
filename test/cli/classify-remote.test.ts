import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { classifyRemote } from '../../cli/classify-remote.ts';
import { discard, RemoteApiError } from '../../cli/remote-api.ts';
import type { Classification, Job } from '../../functions/wire.ts';
import { listen } from '../../local/listen.ts';

interface Asked {
  readonly request: IncomingMessage;
  readonly body: Buffer;
}

const PREDICTIONS = [{ rank: 1, label: 'daisy', wnid: 'n11939491', index: 985, probability: 0.86 }];
const IMAGE = { width: 3, height: 2, format: 'jpeg', bytes: 5 } as const;
const CONCEPT = { id: 'n11669921', label: 'flower', probability: 0.9 };
const KNOWS = { pictures: 'drawings', things: 32 } as const;
const ANSWER: Classification = {
  model: 'sample',
  knows: { ...KNOWS, note: 'It knows drawings.', command: 'get another' },
  predictions: PREDICTIONS,
  concepts: [CONCEPT],
  concept: CONCEPT,
  image: IMAGE,
  timings: { decode: 1, run: 2, explain: 4, total: 3 },
  explanation: null,
  escalated: null,
};
const JOB: Job = {
  id: 'x',
  state: 'queued',
  model: 'heavy',
  createdAt: '2026-11-24T12:00:00.000Z',
  updatedAt: '2026-11-24T12:00:00.000Z',
  result: null,
  reason: null,
};
const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'token' };

let answer: (asked: Asked, response: ServerResponse) => void;
let url: URL;
const asked: Asked[] = [];
const said: string[] = [];
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const one = { request, body: Buffer.concat(chunks) };
    asked.push(one);
    answer(one, response);
  });
});

beforeAll(async () => {
  url = new URL(`http://127.0.0.1:${await listen(server, 0)}/stage/`);
});

beforeEach(() => {
  asked.length = 0;
  said.length = 0;
  for (const name of [...Object.keys(CREDENTIALS), 'AWS_REGION', 'AWS_DEFAULT_REGION']) delete process.env[name];
});

afterAll(() => {
  server.close();
  server.closeAllConnections();
});

function send(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** Begins an answer, and loses the connection in its middle. */
function breakOff(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': 100 });
  response.write('{', () => response.destroy());
}

/** Answers with a job, which is rejected when it is asked for. */
const rejectedJob: typeof answer = ({ request }, response) => {
  const reason = { code: 'truncated-image', message: 'ends early' };
  if (request.method === 'POST') send(response, 202, {}, { location: '/jobs/x', 'retry-after': '0.01' });
  else send(response, 200, { ...JOB, state: 'rejected', reason });
};

function ask(model?: string, file = 'a.jpg') {
  return classifyRemote(Buffer.from('bytes'), file, { url, model, top: 3, say: (line) => said.push(line) });
}

test('the image is posted to a path below the URL, and the answer looks like that of a local model', async () => {
  answer = (_asked, response) => send(response, 200, ANSWER);

  expect(await ask('a b+c')).toEqual({
    model: { name: 'sample', knows: KNOWS },
    entry: {
      predictions: PREDICTIONS,
      concepts: [CONCEPT],
      concept: CONCEPT,
      image: IMAGE,
      timings: { decode: 1, run: 2, total: 3 },
    },
  });
  expect(asked[0]?.request.method).toBe('POST');
  expect(asked[0]?.request.url).toBe('/stage/classify?top=3&model=a%20b%2Bc');
  expect(asked[0]?.request.headers['content-type']).toBe('application/octet-stream');
  expect(asked[0]?.request.headers.authorization).toBeUndefined();
  expect(asked[0]?.body.toString()).toBe('bytes');
});

test('it waits for a job, and tells the user', async () => {
  let polls = 0;
  answer = ({ request }, response) => {
    if (request.method === 'POST') return send(response, 202, {}, { location: '/jobs/x', 'retry-after': '0.01' });
    polls += 1;
    const { timings: _timings, escalated: _escalated, knows: _knows, ...result } = { ...ANSWER, model: 'heavy' };
    send(response, 200, polls < 3 ? JOB : { ...JOB, state: 'done', result }, { 'retry-after': '0.01' });
  };

  const { model, entry } = await ask();

  expect(model).toEqual({ name: 'heavy' });
  expect(entry).toMatchObject({ predictions: PREDICTIONS, timings: { total: expect.any(Number) } });
  expect(asked.map(({ request }) => request.url)).toEqual(['/stage/classify?top=3', ...Array(3).fill('/stage/jobs/x')]);
  expect(said).toEqual([`a.jpg: waiting for the heavy model (job ${url.href}jobs/x)`]);
});

test('what is said of a file has nothing that a terminal would obey', async () => {
  answer = rejectedJob;

  await expect(ask(undefined, 'a\u001b[2J.jpg')).rejects.toMatchObject({ code: 'truncated-image' });

  expect(said).toEqual([`a [2J.jpg: waiting for the heavy model (job ${url.href}jobs/x)`]);
});

test('an answer that means "later" is asked for again, six times in all', async () => {
  const loading = { type: 'urn:autoswiftnet:problem:model-loading', detail: 'the model is still being loaded' };
  let busy = 2;
  answer = (_asked, response) => {
    if (busy-- > 0) send(response, busy === 1 ? 503 : 429, loading, { 'retry-after': '0.01' });
    else send(response, 200, ANSWER);
  };

  expect((await ask()).model.name).toBe('sample');
  expect(asked.map(({ body }) => body.toString())).toEqual(['bytes', 'bytes', 'bytes']);

  busy = Number.POSITIVE_INFINITY;
  await expect(ask()).rejects.toMatchObject({ code: 'model-loading' });
  expect(asked).toHaveLength(3 + 6);
});

test('a job that was rejected gives its reason', async () => {
  answer = rejectedJob;

  await expect(ask()).rejects.toMatchObject({ code: 'truncated-image', message: 'ends early' });
});

test.each([
  [
    'a problem',
    415,
    { type: 'urn:autoswiftnet:problem:not-an-image', detail: 'no picture' },
    'not-an-image',
    'no picture',
  ],
  [
    'a path of the API in --url',
    404,
    { type: 'urn:autoswiftnet:problem:not-found', detail: 'there is nothing at /classify/classify' },
    'not-found',
    'there is nothing at /classify/classify. Check the address: it has no path of a route',
  ],
  [
    'API Gateway',
    413,
    { message: 'Request Entity Too Large' },
    'refused',
    'API Gateway answered with status 413: Request Entity Too Large',
  ],
  ['another program', 404, 'what?', 'not-an-api', 'it answered status 404.'],
  ['another answer', 200, { hello: 'world' }, 'not-an-api', 'it answered {"hello":"world"}.'],
  ['a job without an address', 202, {}, 'not-an-api', 'it answered status 202 without a Location header.'],
])('%s is a named error', async (_name, status, body, code, message) => {
  answer = (_asked, response) => send(response, status, body);

  const failing = ask();

  await expect(failing).rejects.toThrow(RemoteApiError);
  await expect(failing).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
});

test.each([
  ['an answer', 200],
  ['a refusal', 500],
])('%s that breaks off is a named error, so that the other files are tried', async (_name, status) => {
  answer = (_asked, response) => breakOff(response, status);

  const failing = ask();

  await expect(failing).rejects.toThrow(RemoteApiError);
  await expect(failing).rejects.toMatchObject({
    code: 'no-answer',
    message: expect.stringMatching(/^the answer of http:\S+\/stage\/classify\?top=3 broke off: \S.*\. Try again\.$/),
  });
});

test('an answer whose body is not needed may break off', async () => {
  const lost = new ReadableStream({ start: (controller) => controller.error(new TypeError('terminated')) });

  await expect(discard(new Response(lost))).resolves.toBeUndefined();
});

describe('an image that is too large for a request', () => {
  const large = Buffer.concat([Buffer.from('\xff\xd8\xff', 'latin1'), Buffer.alloc(4_400_000)]);
  const upload = {
    id: 'dXBsb2Fkcy8x',
    key: 'uploads/01234567-89ab-cdef-0123-456789abcdef.jpg',
    fields: { key: 'k', policy: 'p' },
    maxBytes: large.length,
    expiresAt: '2026-11-24T12:00:00.000Z',
  };
  const askWith = (bytes: Uint8Array, file = 'a.jpg') =>
    classifyRemote(bytes, file, { url, model: 'm', top: 3, say: (line) => said.push(line) });
  const answerUpload = (changes: object, bucketStatus = 204, bucketBody = '') => {
    answer = ({ request }, response) => {
      if (request.url === '/bucket') response.writeHead(bucketStatus).end(bucketBody);
      else if (request.url === '/stage/uploads') {
        send(response, 201, { ...upload, url: new URL('/bucket', url).href, ...changes });
      } else send(response, 200, ANSWER);
    };
  };

  test('is uploaded by the form of POST /uploads, and classified by its key', async () => {
    answerUpload({});

    expect((await askWith(large)).model.name).toBe('sample');

    expect(asked.map(({ request }) => request.url)).toEqual([
      '/stage/uploads',
      '/bucket',
      '/stage/classify?top=3&model=m',
    ]);
    expect(JSON.parse(String(asked[0]?.body))).toEqual({ contentType: 'image/jpeg' });
    const form = asked[1]?.body ?? Buffer.of();
    expect(form.toString('latin1', 0, 1000)).toMatch(
      /name="key"\r\n\r\nk\r\n.*name="policy"\r\n\r\np\r\n.*name="file"/s,
    );
    expect(form.includes(large)).toBe(true);
    expect(JSON.parse(String(asked[2]?.body))).toEqual({ key: upload.key });
    expect(said).toEqual([`a.jpg: 4.4 MB do not fit into a request; uploading it to the bucket as ${upload.key}`]);
  });

  test('is named without what a terminal would obey', async () => {
    answerUpload({});

    await askWith(large, 'a\u202e.jpg');

    expect(said).toEqual([expect.stringMatching(/^a \.jpg: 4\.4 MB do not fit into a request;/)]);
  });

  test('is refused with the status of the bucket, also if the rest of its answer breaks off', async () => {
    answerUpload({});
    const others = answer;
    answer = (one, response) => (one.request.url === '/bucket' ? breakOff(response, 403) : others(one, response));

    await expect(askWith(large)).rejects.toMatchObject({
      code: 'bucket-refused',
      message: 'the bucket refused the upload with status 403',
    });
  });

  test.each<[string, Uint8Array, object, number, string, string, string]>([
    ['is not an image', Buffer.alloc(4_400_001), {}, 204, '', 'not-an-image', 'unsupported file type'],
    ['is above the limit of the API', large, { maxBytes: 4_400_002 }, 204, '', 'image-too-large', '4400002'],
    [
      'is refused by the bucket',
      large,
      {},
      403,
      '<Error><Message>Policy expired.</Message></Error>',
      'bucket-refused',
      'with status 403: Policy expired.',
    ],
    [
      'goes to no bucket',
      large,
      { url: 'http://127.0.0.1:9/' },
      204,
      '',
      'no-answer',
      'the upload failed: http://127.0.0.1:9 cannot be reached',
    ],
  ])('is a named error if it %s', async (_name, bytes, changes, status, body, code, message) => {
    answerUpload(changes, status, body);

    await expect(askWith(bytes)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });
});

test('an address at which nothing listens is a named error that says what to start', async () => {
  const closed = createServer();
  const origin = `http://127.0.0.1:${await listen(closed, 0)}`;
  await new Promise((resolve) => closed.close(resolve));

  const failing = classifyRemote(Buffer.from(''), 'a.jpg', {
    url: new URL(origin),
    model: undefined,
    top: 1,
    say() {},
  });

  await expect(failing).rejects.toMatchObject({
    code: 'no-answer',
    message: `${origin} cannot be reached: nothing listens there. Start the local stack (npx autoswiftnet start), or correct the address.`,
  });
});

describe('if API Gateway asks for AWS credentials', () => {
  beforeEach(() => {
    answer = ({ request }, response) =>
      request.headers.authorization === undefined
        ? send(response, 403, { message: 'Forbidden' })
        : send(response, 200, ANSWER);
  });

  test('the request is sent again, signed (Signature Version 4, checked by hand)', async () => {
    Object.assign(process.env, CREDENTIALS, { AWS_REGION: 'eu-west-1' });

    expect((await ask('m')).model.name).toBe('sample');

    const [first, second] = asked;
    expect(first?.request.headers.authorization).toBeUndefined();
    expect(second?.body.toString()).toBe('bytes');
    expect(second?.request.headers['x-amz-security-token']).toBe('token');
    expect(second?.request.headers.authorization).toBe(second && expectedAuthorization(second, 'eu-west-1'));
  });

  test('without a region the request cannot be signed, so the refusal is reported', async () => {
    Object.assign(process.env, CREDENTIALS);

    await expect(ask()).rejects.toMatchObject({
      code: 'refused',
      message: 'API Gateway answered with status 403: Forbidden',
    });
    expect(asked).toHaveLength(1);
  });
});

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
function expectedAuthorization({ request, body }: Asked, region: string): string {
  const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');
  const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest();
  const signedHeaders = /SignedHeaders=([^,]+)/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const date = String(request.headers['x-amz-date']);
  const scope = `${date.slice(0, 8)}/${region}/execute-api/aws4_request`;
  const canonical = [
    request.method,
    path,
    query.split('&').sort().join('&'),
    ...signedHeaders.split(';').map((name) => `${name}:${request.headers[name]}`),
    '',
    signedHeaders,
    sha256(body),
  ].join('\n');
  const key = ['execute-api', 'aws4_request'].reduce(
    (so, part) => hmac(so, part),
    hmac(hmac(`AWS4${CREDENTIALS.AWS_SECRET_ACCESS_KEY}`, date.slice(0, 8)), region),
  );
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256(canonical)}`).toString('hex');
  expect(signedHeaders.split(';')).toEqual(expect.arrayContaining(['host', 'x-amz-date', 'x-amz-security-token']));
  return `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
}
