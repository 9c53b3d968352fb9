import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readProxies, useProxy } from '../../cli/use-proxy.ts';
import { whyUnreachable } from '../../cli/why-unreachable.ts';
import { ConfigurationError } from '../../functions/errors.ts';
import { listen } from '../../local/listen.ts';
import { jsonLines, ROOT, runCli } from './run-cli.ts';

const CERTIFICATE = join(ROOT, 'test/fixtures/tls/cert.pem');
const ACORN = join(ROOT, 'models/sample/images/acorn-1.jpg');

/** What the proxy and the server behind it were asked for. */
const asked: string[] = [];

/** Where the proxy leads every tunnel; null: it closes the connection. */
let tunnelPort: number | null = null;
let folder: string;
let proxy: Server;
let proxyUrl: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'asn-proxy-'));
  proxy = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers['proxy-authorization']}`);
    request.resume().on('end', () => response.writeHead(404).end('{"message":"behind the proxy"}'));
  });
  proxy.on('connect', (request, socket, head) => {
    asked.push(`CONNECT ${request.url} ${request.headers['proxy-authorization']}`);
    socket.on('error', () => {});
    if (tunnelPort === null) {
      socket.destroy();
      return;
    }
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    const server = connect(tunnelPort, '127.0.0.1').on('error', () => socket.destroy());
    server.write(head);
    socket.pipe(server).pipe(socket);
  });
  proxyUrl = `http://me:secret@127.0.0.1:${await listen(proxy, 0)}`;
});

beforeEach(() => asked.splice(0));

afterAll(async () => {
  proxy.close();
  proxy.closeAllConnections();
  await rm(folder, { recursive: true });
});

const AUTHORIZATION = `Basic ${Buffer.from('me:secret').toString('base64')}`;

test('a download over https goes through a tunnel of the proxy, encrypted to its end', async () => {
  const server = createTlsServer(
    { key: await readFile(join(ROOT, 'test/fixtures/tls/key.pem')), cert: await readFile(CERTIFICATE) },
    (request, response) => {
      asked.push(`${request.method} ${request.url?.replace(/-.*/, '')} ${request.headers.host}`);
      response.writeHead(404).end();
    },
  );
  tunnelPort = await listen(server, 0);

  const { code, err } = await runCli(['models', 'fetch', 'resnet18_ssl', '--source', 'https://models.example.test'], {
    cwd: folder,
    variables: { HTTPS_PROXY: proxyUrl, NODE_EXTRA_CA_CERTS: CERTIFICATE },
  });
  server.close();

  expect(asked).toEqual([
    `CONNECT models.example.test:443 ${AUTHORIZATION}`,
    'GET /semi_supervised_resnet18 models.example.test',
  ]);
  expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('the server answered 404') });
  expect(err).toMatch(/\nThe proxy in HTTPS_PROXY is http:\/\/127\.0\.0\.1:\d+\.\n/);
});

test('classify --url over http asks the proxy itself', async () => {
  const args = ['classify', '--json', '--url', 'http://api.example.test/stage', ACORN];

  const { out } = await runCli(args, { cwd: folder, variables: { http_proxy: proxyUrl, no_proxy: 'other.test' } });

  expect(asked).toEqual([`POST http://api.example.test/stage/classify?top=5 ${AUTHORIZATION}`]);
  expect(jsonLines(out)).toMatchObject([{ error: { message: expect.stringContaining('behind the proxy') } }]);
});

test('a proxy that is no URL is wrong use, and the password in it is not shown', async () => {
  const { code, err } = await runCli(['models', 'list'], {
    cwd: folder,
    variables: { HTTPS_PROXY: 'socks5://me:secret@x' },
  });

  expect(code).toBe(2);
  expect(err).toMatch(/^autoswiftnet: environment variables: HTTPS_PROXY: expected the URL of an http or https proxy/);
  expect(err).not.toContain('secret');
});

test('a proxy at which nothing listens is named, without its password', async () => {
  const closed = createServer();
  const port = await listen(closed, 0);
  await promisify(closed.close.bind(closed))();
  const before = globalThis.fetch;
  const variables = { HTTPS_PROXY: `http://me:secret@127.0.0.1:${port}` };
  await useProxy(variables);
  const url = new URL('https://api.example.test/x');

  const text = await fetch(url).then(String, (error: unknown) => whyUnreachable(url, error, variables));
  globalThis.fetch = before;

  expect(text).toBe(
    `https://api.example.test was not reached: the proxy http://127.0.0.1:${port} in HTTPS_PROXY does not answer (nothing listens there). Correct that variable.`,
  );
});

test.each([
  ['ENOTFOUND', 'there is no host proxy.invalid'],
  ['EAI_AGAIN', 'the name proxy.invalid cannot be looked up now'],
])('so is a proxy whose name gives %s, and not one that works', (code, reason) => {
  const error = new TypeError('fetch failed', {
    cause: Object.assign(new Error(), { code, hostname: 'proxy.invalid' }),
  });
  const url = new URL('http://api.example.test');

  expect(whyUnreachable(url, error, { http_proxy: 'proxy.invalid:8080' })).toContain(
    `the proxy http://proxy.invalid:8080 in http_proxy does not answer (${reason})`,
  );
  expect(whyUnreachable(url, error, { http_proxy: 'other.invalid:8080' })).toBe(
    `http://api.example.test cannot be reached: ${reason}. Check the address, and whether this machine needs a proxy (HTTPS_PROXY).`,
  );
});

test('a proxy that closes the connection instead of answering is asked at most once a second', async () => {
  tunnelPort = null;
  const before = globalThis.fetch;
  await useProxy({ HTTPS_PROXY: proxyUrl });
  const start = performance.now();

  await expect(fetch('https://x.example.test', { signal: AbortSignal.timeout(2_500) })).rejects.toThrow();
  globalThis.fetch = before;

  expect(asked.length).toBeGreaterThan(1);
  expect(asked.length).toBeLessThanOrEqual(1 + (performance.now() - start) / 1000);
});

describe('the variables', () => {
  test('without a proxy there is nothing to do', () => {
    expect(readProxies({})).toBeNull();
    expect(readProxies({ HTTPS_PROXY: '', https_proxy: ' ', NO_PROXY: 'x' })).toBeNull();
  });

  test('small letters come first, a scheme may be missing, and a local API is asked directly', () => {
    const variables = { HTTPS_PROXY: 'http://a:1', https_proxy: 'b:2', NO_PROXY: '.corp, x:8443', HTTP_PROXY: '' };

    expect(readProxies(variables)).toEqual({
      httpProxy: '',
      httpsProxy: 'http://b:2',
      noProxy: '.corp,x:8443,localhost,127.0.0.1,[::1]',
    });
    expect(readProxies({ ...variables, NO_PROXY: 'x,*' })?.noProxy).toBe('*');
  });

  test.each(['socks5://x', 'ftp://x', 'http://', 'http://[x'])('%s is no proxy', (value) => {
    expect(() => readProxies({ http_proxy: value })).toThrow(ConfigurationError);
    expect(() => readProxies({ http_proxy: value })).toThrow(/http_proxy: expected/);
  });
});
