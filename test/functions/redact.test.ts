import { Console } from 'node:console';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { createApiReport } from '../../functions/api/report.ts';
import { createWorkerReport } from '../../functions/gpu-worker/report.ts';
import { answerCloudFormation } from '../../functions/keep-task-count/answer-cloudformation.ts';
import { logger, metrics } from '../../functions/log.ts';
import { createRedactor, REDACTED } from '../../functions/redact.ts';
import { portOf } from '../../local/listen.ts';
import { ROOT, readFloors, sourceFiles } from '../floors.ts';

const CREDENTIALS = {
  accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  sessionToken: 'IQoJb3JpZ2luX2VjEXAMPLETOKEN//////////wEaCXVzLWVhc3QtMSJHMEUCIQ',
};
const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJtZSIsImVtYWlsIjoibWVAZXhhbXBsZS5jb20ifQ.c2lnbmF0dXJl';

let lines: string[];

beforeAll(() => {
  Object.assign(process.env, {
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_SESSION_TOKEN: CREDENTIALS.sessionToken,
  });
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  Object.defineProperty(logger, 'console', { value: new Console(sink) });
  logger.setLogLevel('DEBUG');
});

beforeEach(() => {
  lines = [];
});

/** S3 as it refuses every request, with what it was sent in its answer. */
async function refusingS3() {
  const server = createServer((request, response) => {
    const { authorization = '' } = request.headers;
    response.writeHead(403, { 'content-type': 'application/xml' });
    response.end(`<Error><Code>AccessDenied</Code><Message>${authorization} ${request.url}</Message></Error>`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = new S3Client({
    endpoint: `http://127.0.0.1:${portOf(server)}`,
    region: 'eu-west-1',
    credentials: CREDENTIALS,
    forcePathStyle: true,
  });
  return {
    client,
    close() {
      client.destroy();
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Nothing of these may be in a line. */
function secretsIn(text: string): string[] {
  const signatures = text.match(/\b[0-9a-f]{64}\b|X-Amz-[\w-]+=[^\s"]+/gi) ?? [];
  const own = [CREDENTIALS.secretAccessKey, CREDENTIALS.sessionToken, TOKEN].filter((secret) => text.includes(secret));
  return [...signatures, ...own];
}

test('what S3 answers to a refused request, in every report that logs an error', async () => {
  const { client, close } = await refusingS3();
  const command = new GetObjectCommand({ Bucket: 'photos', Key: 'me.jpg' });
  const refused: unknown = await client.send(command).catch((error: unknown) => error);
  const url = await getSignedUrl(client, command);
  close();
  const error = new Error(`cannot read ${url}`, { cause: refused });
  createApiReport(logger, metrics)({ method: 'GET', route: '/', status: 500, requestId: '1', ms: 1 }, error);
  createWorkerReport(logger, metrics).onFailure(null, error, true);
  createWorkerReport(logger, metrics).onFault('the worker cannot start', error);
  const event = { ResponseURL: url, StackId: 's', RequestId: 'r', LogicalResourceId: 'l' } as never;
  await answerCloudFormation(event, logger, () => Promise.reject(error)).catch(() => {});
  metrics.clearMetrics();

  // The query of the URL, and the signature of the request that S3 repeats.
  expect(secretsIn(`${url} ${refused instanceof Error ? refused.message : ''}`)).toHaveLength(2);
  expect(lines).toHaveLength(4);
  expect(lines.flatMap(secretsIn)).toEqual([]);
  for (const line of lines) expect(line).toContain(`http://127.0.0.1`);
});

test('the form of a presigned upload, headers, tokens and credentials, at any depth and at every level', async () => {
  const client = new S3Client({ region: 'eu-west-1', credentials: CREDENTIALS });
  const form = await createPresignedPost(client, { Bucket: 'photos', Key: 'uploads/1' });
  const secrets: Record<string, unknown> = {
    form,
    event: { headers: { Authorization: `Bearer ${TOKEN}`, cookie: 'session=1234567890' } },
    text: `asked with Bearer ${TOKEN} and ${TOKEN}`,
    credentials: [CREDENTIALS],
    environment: `AWS_SECRET_ACCESS_KEY=${CREDENTIALS.secretAccessKey}`,
    proxy: 'Basic dXNlcjpwYXNzd29yZA==',
  };
  for (const level of ['debug', 'info', 'warn', 'error'] as const) {
    logger[level](`a message with ${CREDENTIALS.sessionToken}`, secrets);
  }

  const { Policy: policy = '' } = form.fields;
  expect(lines).toHaveLength(4);
  for (const line of lines) {
    const found = [policy, '1234567890', 'dXNlcjpwYXNzd29yZA'].filter((secret) => line.includes(secret));
    expect([...secretsIn(line), ...found]).toEqual([]);
    expect(line).toContain('uploads/1');
  }
});

test('everything else stays as it is', () => {
  const harmless = {
    key: 'photos/signature=1.jpg?x=1',
    url: 'https://example.com/search?q=Signature',
    hash: 'a'.repeat(64),
    number: 1,
    nothing: null,
  };

  expect(JSON.stringify(harmless, createRedactor({ AWS_SECRET_ACCESS_KEY: 'local' }))).toBe(JSON.stringify(harmless));
});

test.each([
  'Authorization',
  'Cookie',
  'set-cookie',
  'secretAccessKey',
  'AWS_SECRET_ACCESS_KEY',
  'sessionToken',
  'AWS_SESSION_TOKEN',
  'X-Amz-Security-Token',
  'x-amz-signature',
  'Policy',
  'ResponseURL',
])('a field %s is taken out, whatever is in it', (name) => {
  expect(JSON.stringify({ [name]: ['anything'] }, createRedactor({}))).toBe(JSON.stringify({ [name]: REDACTED }));
});

test('a token that is no JWT is taken out of a text', () => {
  expect(JSON.stringify('sent Bearer 2YotnFZFEjr1zCsicMWpAA', createRedactor({}))).toBe('"sent Bearer [secret]"');
});

test('nothing in functions/ and classifier/ writes but the one logger', () => {
  const files = sourceFiles(readFloors()).filter((file) => /^(functions|classifier)\//.test(file));
  const writing = files.filter((file) =>
    /\bconsole\.|process\.std(out|err)|new Logger\(/.test(readFileSync(join(ROOT, file), 'utf8')),
  );

  expect(files.length).toBeGreaterThan(150);
  expect(writing).toEqual(['functions/log.ts']);
});
