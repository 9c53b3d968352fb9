import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { type MutableRedirectUri, type MutableResponse, type MutableToken, OAuth2Server } from 'oauth2-mock-server';
import type { Browser, Page, Request } from 'playwright-core';
import type { Stack } from '../../../local/stack.ts';
import { ensureSamplePackage } from '../../../models/sample/sample.ts';
import { startPublishedStack } from '../../integration/published-stack.ts';
import { axeViolations, hasChromium, launchChromium, testInChromium } from './browser.ts';
import { pathOf } from './page/open-pages.ts';
import { ReusedPage } from './page/reused-page.ts';

const CLIENT_ID = 'the-page';
const AUDIENCE = 'https://api.test';

let folder: string;
let issuer: OAuth2Server;
let stack: Stack;
let browser: Browser;
let complaints: string[];
const reused = new ReusedPage();

beforeAll(async () => {
  if (!hasChromium) return;
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-sign-in-'));
  issuer = new OAuth2Server();
  await issuer.issuer.keys.generate('RS256');
  await issuer.start(0, '127.0.0.1');
  const packageDir = await ensureSamplePackage(join(folder, 'models'));
  const variables = {
    ...process.env,
    AUTOSWIFTNET_OIDC_ISSUER: issuerUrl(),
    AUTOSWIFTNET_OIDC_CLIENT_ID: CLIENT_ID,
    AUTOSWIFTNET_OIDC_AUDIENCE: AUDIENCE,
  };
  [stack, browser] = await Promise.all([
    startPublishedStack({ dataDir: join(folder, 'data'), packageDir, port: 0, variables }),
    launchChromium(),
  ]);
});

beforeEach(() => {
  complaints = [];
});

afterEach(async () => {
  issuer?.service.removeAllListeners();
  if (browser !== undefined) await reused.release(browser);
  expect(complaints).toEqual([]);
});

afterAll(async () => {
  if (!hasChromium) return;
  await Promise.all([browser.close(), stack.close(), issuer.stop()]);
  await rm(folder, { recursive: true, force: true });
});

function issuerUrl(): string {
  return issuer.issuer.url ?? '';
}

async function open(hash = ''): Promise<Page> {
  const origins = [stack.url, stack.health.endpoints.s3 ?? '', new URL(issuerUrl()).origin];
  const watched = await reused.open(browser, `${stack.url}/${hash}`, origins, {});
  complaints = watched.complaints;
  return watched.page;
}

/** Makes every request of the page refresh its token first. */
function expireTokensAtOnce(): void {
  issuer.service.on('beforeResponse', ({ body }: MutableResponse) => {
    if (typeof body === 'object') body['expires_in'] = 1;
  });
}

interface Network {
  state: 'there' | 'away' | 'silent';
}

/** Makes requests for a new token fail while the network is away, and hang while it is silent. */
async function holdRefreshes(page: Page): Promise<Network> {
  const network: Network = { state: 'there' };
  await page.route(`${issuerUrl()}/token`, async (route, request) => {
    const isRefresh = new URLSearchParams(request.postData() ?? '').get('grant_type') === 'refresh_token';
    if (network.state === 'there' || !isRefresh) await route.continue();
    else if (network.state === 'away') await route.abort();
  });
  return network;
}

function signIn(page: Page): Promise<void> {
  return page.getByRole('button', { name: 'Sign in' }).click();
}

testInChromium('a visitor who has not signed in is asked to do so, and sees nothing else', async () => {
  const page = await open('#gallery');

  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  expect(await page.getByRole('button', { name: 'Choose pictures' }).count()).toBe(0);
  expect(await page.locator('.tile').count()).toBe(0);
  expect(await axeViolations(page)).toEqual([]);
});

testInChromium(
  'a login by code and PKCE leads back to the same view, and every request carries the token',
  async () => {
    const asked: URL[] = [];
    issuer.service.once('beforeAuthorizeRedirect', (_redirect: MutableRedirectUri, request: { url?: string }) => {
      asked.push(new URL(request.url ?? '', issuerUrl()));
    });
    issuer.service.on('beforeTokenSigning', (token: MutableToken) => {
      token.payload['name'] = 'Ada Lovelace';
    });
    const page = await open('#gallery');
    const listing = page.waitForRequest((request) => new URL(request.url()).pathname === '/images');

    await signIn(page);
    await page.getByText('Ada Lovelace').waitFor();
    const request: Request = await listing;

    expect(Object.fromEntries(asked[0]?.searchParams ?? [])).toMatchObject({
      client_id: CLIENT_ID,
      redirect_uri: `${stack.url}/`,
      response_type: 'code',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      audience: AUDIENCE,
    });
    const token = /^Bearer (.+)$/.exec(request.headers()['authorization'] ?? '')?.[1] ?? '';
    const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(`${issuerUrl()}/jwks`)));
    expect(payload.iss).toBe(issuerUrl());
    expect(page.url()).toBe(`${stack.url}/#gallery`);
    expect(await page.evaluate(() => [sessionStorage.length, localStorage.length, document.cookie])).toEqual([
      0,
      0,
      '',
    ]);
  },
);

testInChromium('a copied curl command carries the token', async () => {
  const page = await open();
  await signIn(page);
  const sent = page.waitForRequest((request) => new URL(request.url()).pathname === '/classify');
  await page.getByLabel('Pictures').setInputFiles(pathOf('daisy-1'));
  const token = (await sent).headers()['authorization'] ?? '';
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);

  await page.getByRole('button', { name: 'Copy curl with your login' }).click();
  await page.getByText('Copy curl with your login: Copied').waitFor({ state: 'attached' });

  expect(token).toMatch(/^Bearer ./);
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain(`-H 'authorization: ${token}'`);
});

testInChromium('a token that is about to expire is refreshed, and the new one is sent', async () => {
  issuer.service.once('beforeResponse', ({ body }: MutableResponse) => {
    if (typeof body === 'object') body['expires_in'] = 1;
  });
  const page = await open();
  const tokens: unknown[] = [];
  page.on('request', (request) => {
    if (request.url() === `${issuerUrl()}/token`)
      tokens.push(new URLSearchParams(request.postData() ?? '').get('grant_type'));
  });
  const listing = page.waitForRequest((request) => new URL(request.url()).pathname === '/images');

  await signIn(page);
  await page.getByRole('button', { name: 'Choose pictures' }).waitFor();
  await page.getByRole('link', { name: 'Gallery' }).click();

  expect((await listing).headers()['authorization']).toMatch(/^Bearer ./);
  expect(tokens).toEqual(['authorization_code', 'refresh_token']);
});

testInChromium('while the issuer cannot be reached, the user stays signed in, and can try again', async () => {
  expireTokensAtOnce();
  const page = await open();
  const network = await holdRefreshes(page);
  network.state = 'away';

  await signIn(page);

  await page.getByText('The service cannot be reached', { exact: true }).waitFor();
  await page.getByText(`The login server ${issuerUrl()} gave no answer`).waitFor({ state: 'attached' });
  expect(await page.getByText('Your session has ended').count()).toBe(0);
  network.state = 'there';
  const asked = page.waitForRequest((request) => new URL(request.url()).pathname === '/models');
  await page.getByRole('button', { name: 'Try again' }).click();
  expect((await asked).headers()['authorization']).toMatch(/^Bearer ./);
  await page.getByRole('combobox', { name: 'Model' }).waitFor();
});

testInChromium('an issuer that never answers holds a picture up for half a minute only', async () => {
  expireTokensAtOnce();
  const page = await open();
  const network = await holdRefreshes(page);
  await signIn(page);
  await page.getByRole('combobox', { name: 'Model' }).waitFor();
  await page.evaluate(() => {
    AbortSignal.timeout = (ms) => {
      const ender = new AbortController();
      addEventListener(`after-${ms}`, () => ender.abort(new DOMException('too late', 'TimeoutError')));
      return ender.signal;
    };
  });
  network.state = 'silent';
  const asked = page.waitForRequest(`${issuerUrl()}/token`);
  await page.getByLabel('Pictures').setInputFiles(pathOf('daisy-1'));
  await asked;

  await page.evaluate(() => dispatchEvent(new Event('after-30000')));

  await page.getByText('The service cannot be reached', { exact: true }).waitFor();
  await page.getByText(`The login server ${issuerUrl()} gave no answer`).waitFor({ state: 'attached' });
});

testInChromium('a command whose token cannot be refreshed is not copied, and the button says so', async () => {
  expireTokensAtOnce();
  const page = await open();
  const network = await holdRefreshes(page);
  await signIn(page);
  await page.getByLabel('Pictures').setInputFiles(pathOf('daisy-1'));
  const copy = page.getByRole('button', { name: 'Copy curl with your login' });
  await copy.waitFor();
  network.state = 'away';

  await copy.click();

  await page.getByText('Copy curl with your login: No connection, try again').waitFor({ state: 'attached' });
});

testInChromium('the page says that a session has ended, and the user can sign in again', async () => {
  issuer.service.once('beforeResponse', ({ body }: MutableResponse) => {
    if (typeof body !== 'object') return;
    body['expires_in'] = 1;
    delete body['refresh_token'];
  });
  const page = await open();

  await signIn(page);

  await page.getByText('Your session has ended').waitFor();
  expect(await page.getByRole('alert').textContent()).toContain('then choose your pictures again');
  await signIn(page);
  await page.getByRole('button', { name: 'Choose pictures' }).waitFor();
  expect(await page.getByText('Your session has ended').count()).toBe(0);
});

testInChromium('signing out forgets the token and ends the issuer’s session', async () => {
  const page = await open();
  await signIn(page);
  await page.getByRole('button', { name: 'Choose pictures' }).waitFor();
  const ended = once(issuer.service, 'beforePostLogoutRedirect');

  await page.getByRole('button', { name: 'Sign out' }).click();

  await ended;
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  expect(page.url()).toMatch(new RegExp(`^${stack.url}/(#.*)?$`));
});

testInChromium('signing out names the page as Cognito wants it, too', async () => {
  const page = await open();
  await signIn(page);
  await page.getByRole('button', { name: 'Choose pictures' }).waitFor();
  const ending = page.waitForRequest((request) => request.url().startsWith(`${issuerUrl()}/endsession?`));

  await page.getByRole('button', { name: 'Sign out' }).click();

  expect(Object.fromEntries(new URL((await ending).url()).searchParams)).toMatchObject({
    client_id: CLIENT_ID,
    logout_uri: `${stack.url}/`,
  });
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
});

testInChromium('the page says that the issuer refused a login', async () => {
  issuer.service.once('beforeAuthorizeRedirect', ({ url }: MutableRedirectUri) => {
    url.searchParams.delete('code');
    url.searchParams.set('error', 'access_denied');
    url.searchParams.set('error_description', 'you are not on the list');
  });
  const page = await open();

  await signIn(page);

  await page.getByText('You could not be signed in').waitFor();
  expect(await page.getByRole('alert').textContent()).toContain('you are not on the list');
  expect(await page.getByRole('button', { name: 'Sign in' }).isVisible()).toBe(true);
  expect(page.url()).toBe(`${stack.url}/`);
});

describe.each([
  [
    'of another login',
    () =>
      issuer.service.once('beforeAuthorizeRedirect', ({ url }: MutableRedirectUri) =>
        url.searchParams.set('state', 'x'),
      ),
  ],
  [
    'whose token was made for another login',
    () =>
      issuer.service.on('beforeTokenSigning', ({ payload }: MutableToken) => {
        if ('nonce' in payload) payload['nonce'] = 'x';
      }),
  ],
  [
    'whose token was made for another client',
    () =>
      issuer.service.on('beforeTokenSigning', ({ payload }: MutableToken) => {
        if ('aud' in payload) payload['aud'] = 'another-page';
      }),
  ],
])('an answer %s', (_what, forge) => {
  testInChromium('does not sign the user in', async () => {
    forge();
    const page = await open();

    await signIn(page);

    await page.getByText('You could not be signed in').waitFor();
    expect(await page.getByRole('button', { name: 'Sign out' }).count()).toBe(0);
  });
});

testInChromium('an answer without a login attempt does not sign the user in', async () => {
  const page = await open('?code=stolen&state=x');

  await page.getByText('You could not be signed in').waitFor();
  await page.getByText('Details').click();
  await page.getByText('This login was not started in this tab').waitFor();
  expect(page.url()).toBe(`${stack.url}/`);
});
