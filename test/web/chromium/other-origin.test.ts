import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { listen } from '../../../local/listen.ts';
import type { Stack } from '../../../local/stack.ts';
import { ensureSamplePackage } from '../../../models/sample/sample.ts';
import { startPublishedStack } from '../../integration/published-stack.ts';
import { samplePicture } from '../../integration/uploads.ts';
import { hasChromium, launchChromium, testInChromium } from './browser.ts';

/** What a page of another origin got to know. */
interface Seen {
  readonly status: number;
  readonly location: string | null;
  readonly body: string;
}

let folder: string;
let stack: Stack;
let browser: Browser;
let allowed: Server;
let foreign: Server;
let allowedUrl: string;
let foreignUrl: string;
let picture: string;

const servePage = () =>
  createServer((_request, response) => response.setHeader('content-type', 'text/html').end('<!doctype html>'));

beforeAll(async () => {
  if (!hasChromium) return;
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-origin-'));
  const packageDir = await ensureSamplePackage(join(folder, 'models'));
  [allowed, foreign] = [servePage(), servePage()];
  [allowedUrl, foreignUrl] = [
    `http://127.0.0.1:${await listen(allowed, 0)}`,
    `http://127.0.0.1:${await listen(foreign, 0)}`,
  ];
  const variables = { ...process.env, AUTOSWIFTNET_CORS_ORIGINS: allowedUrl };
  [stack, browser] = await Promise.all([
    startPublishedStack({ dataDir: join(folder, 'data'), packageDir, port: 0, variables }),
    launchChromium(),
  ]);
  picture = (await samplePicture('daisy-1')).toString('base64');
});

afterAll(async () => {
  if (!hasChromium) return;
  await Promise.all([browser.close(), stack.close()]);
  for (const server of [allowed, foreign]) {
    server.close();
    server.closeAllConnections();
  }
  await rm(folder, { recursive: true, force: true });
});

async function open(url: string): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(url);
  return page;
}

/** Sends a request from the page, as its script would. A `form` becomes a form with the picture. */
function fetchFrom(
  page: Page,
  path: string,
  init: { method?: string; body?: string; form?: boolean; headers?: Record<string, string> } = {},
): Promise<Seen | string> {
  return page.evaluate(
    async ({ url, image, form, ...rest }) => {
      const file = new File([Uint8Array.from(atob(image), (one) => one.charCodeAt(0))], 'a.jpg', {
        type: 'image/jpeg',
      });
      const data = new FormData();
      data.append('file', file);
      try {
        const answer = await fetch(url, form ? { ...rest, method: 'POST', body: data } : rest);
        return { status: answer.status, location: answer.headers.get('location'), body: await answer.text() };
      } catch (error) {
        return String(error);
      }
    },
    { url: `${stack.url}${path}`, image: picture, form: false, ...init },
  );
}

const FAILED = 'TypeError: Failed to fetch';

testInChromium('a page of an allowed origin classifies by a form, and reads answers, errors and headers', async () => {
  const page = await open(allowedUrl);
  const json = { 'content-type': 'application/json' };

  expect(await fetchFrom(page, '/classify?top=1', { form: true, headers: { 'idempotency-key': 'one' } })).toMatchObject(
    {
      status: 200,
      body: expect.stringContaining('"daisy"'),
    },
  );
  expect(
    await fetchFrom(page, '/uploads', { method: 'POST', headers: json, body: '{"contentType":"image/jpg"}' }),
  ).toMatchObject({
    status: 201,
    location: expect.stringMatching(/^\/images\//),
  });
  expect(await fetchFrom(page, '/health')).toMatchObject({ status: 200 });
  expect(await fetchFrom(page, '/nothing', { method: 'POST', headers: json, body: '{}' })).toMatchObject({
    status: 404,
    body: expect.stringContaining('urn:autoswiftnet:problem:not-found'),
  });
});

testInChromium('a page of an allowed origin uploads to the bucket', async () => {
  const page = await open(allowedUrl);
  const made = await fetchFrom(page, '/uploads', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"contentType":"image/jpeg"}',
  });
  const { url, fields } = JSON.parse(typeof made === 'string' ? '{}' : made.body);

  const status = await page.evaluate(
    async ({ to, all, image }) => {
      const data = new FormData();
      for (const [name, value] of Object.entries(all)) data.append(name, value);
      data.append('file', new Blob([Uint8Array.from(atob(image), (one) => one.charCodeAt(0))]));
      return (await fetch(to, { method: 'POST', body: data })).status;
    },
    { to: String(url), all: fields as Record<string, string>, image: picture },
  );

  expect(status).toBe(204);
});

testInChromium('a page of another origin gets nothing, with and without a preflight', async () => {
  const page = await open(foreignUrl);

  expect(await fetchFrom(page, '/classify', { form: true })).toBe(FAILED);
  expect(await fetchFrom(page, '/classify', { form: true, headers: { 'idempotency-key': 'two' } })).toBe(FAILED);
  expect(await fetchFrom(page, '/health')).toBe(FAILED);
});
