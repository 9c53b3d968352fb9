import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type sharpType from 'sharp';
import { loginEnvironmentSchema, toLogin } from '../../../functions/api/login.ts';
import { readEnvironment } from '../../../functions/environment.ts';
import { ConfigurationError } from '../../../functions/errors.ts';
import { toHttpEvent } from '../../../local/http-api/event.ts';
import { CONTEXT } from './test-api.ts';

const PICTURE = new URL('../../../models/sample/images/daisy-1.jpg', import.meta.url);
const sharp: typeof sharpType = createRequire(import.meta.url)('sharp');

beforeAll(() => {
  Object.assign(process.env, {
    AUTOSWIFTNET_MODELS: '/nonexistent',
    AUTOSWIFTNET_MODEL: 'sample',
    AUTOSWIFTNET_TABLE: 'autoswiftnet',
    AUTOSWIFTNET_BUCKET: 'uploads',
    AUTOSWIFTNET_SERVICE_BUCKET: 'service',
    AUTOSWIFTNET_OIDC_ISSUER: 'https://id.example.com',
    AUTOSWIFTNET_OIDC_CLIENT_ID: 'page',
    AWS_REGION: 'us-east-1',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true',
  });
});

/** The handler makes its process one that only decodes; the test files that come after this one in the same process draw. */
afterAll(() => sharp.unblock({ operation: ['VipsForeignLoad'] }));

function request(method: string, url: string, body = Buffer.of()) {
  const rawHeaders = ['host', 'a.execute-api.eu-west-1.amazonaws.com', 'content-type', 'image/jpeg'];
  return toHttpEvent(
    { method, url, httpVersion: '1.1', rawHeaders, sourceIp: '192.0.2.1', port: 443 },
    body,
    new Date(),
  );
}

test('the function starts even if its model cannot be opened, and answers requests that need no model', async () => {
  const { handler } = await import('../../../functions/api/handler.ts');

  const health = await handler(request('GET', '/health'), CONTEXT);
  const classified = await handler(request('POST', '/classify', readFileSync(PICTURE)), CONTEXT);

  expect(health.statusCode).toBe(200);
  expect(JSON.parse(health.body ?? '')).toMatchObject({
    models: ['sample'],
    auth: { issuer: 'https://id.example.com', clientId: 'page', audience: null },
  });
  expect(classified.statusCode).toBe(500);
  expect(classified.body).not.toContain('nonexistent');
});

test('without an issuer the API needs no login', () => {
  expect(toLogin(readEnvironment(loginEnvironmentSchema, {}))).toBeNull();
});

test('an issuer without a client id is named at start', () => {
  const settings = readEnvironment(loginEnvironmentSchema, { AUTOSWIFTNET_OIDC_ISSUER: 'https://id.example.com' });

  expect(() => toLogin(settings)).toThrow(ConfigurationError);
  expect(() => toLogin(settings)).toThrow('AUTOSWIFTNET_OIDC_CLIENT_ID');
});
