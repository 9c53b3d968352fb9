import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { DEFAULT_PATIENCE, download, type Progress } from '../../../models/download/download.ts';
import { ChecksumError, DownloadError } from '../../../models/download/errors.ts';
import { answer, type Behaviour, cutAfter, ETAG, type FileServer, serve, startFileServer } from './file-server.ts';

const PATIENCE = { firstByteTimeoutMs: 2_000, stallTimeoutMs: 2_000, retries: 3, retryDelayMs: 1 };
const SIZE = 300_000;
const CONTENT = new Uint8Array(randomBytes(SIZE));

let folder: string;
let destination: string;
let server: FileServer;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'asn-download-'));
  destination = join(folder, 'model.pth');
  server = await startFileServer(CONTENT);
});

afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function fetchFile(changes: Partial<Parameters<typeof download>[0]> = {}): Promise<void> {
  return download({
    url: server.url,
    destination,
    sha256: sha256(CONTENT).slice(0, 8),
    maxBytes: SIZE * 2,
    patience: PATIENCE,
    ...changes,
    onProgress: (progress) => {
      changes.onProgress?.(progress);
      server.received(progress.receivedBytes);
    },
  });
}

/** Runs a download that receives `bytes` of the file and gives up. */
async function leavePart(bytes: number): Promise<void> {
  server.behave(cutAfter(bytes));
  await expect(fetchFile({ patience: { ...PATIENCE, retries: 0 } })).rejects.toThrow(DownloadError);
  server.requests.length = 0;
}

async function partFolder(): Promise<string> {
  const name = (await readdir(folder)).find((entry) => entry.endsWith('.part'));
  if (!name) throw new Error('no part');
  return join(folder, name);
}

async function expectWhole(): Promise<void> {
  expect((await readFile(destination)).equals(CONTENT)).toBe(true);
  expect(await readdir(folder)).toEqual(['model.pth']);
}

describe('a whole file', () => {
  test('appears under its name, and nothing else is left', async () => {
    await fetchFile();

    await expectWhole();
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]).toMatchObject({ 'accept-encoding': 'identity' });
  });

  test('replaces an older file of that name only when it is verified', async () => {
    await writeFile(destination, 'old');

    await expect(fetchFile({ sha256: '00000000' })).rejects.toThrow(ChecksumError);
    expect(await readFile(destination, 'utf8')).toBe('old');
    await fetchFile();

    await expectWhole();
  });

  test('reports its progress up to the whole', async () => {
    const seen: Progress[] = [];

    await fetchFile({ onProgress: (progress) => seen.push(progress) });

    const received = seen.map(({ receivedBytes }) => receivedBytes);
    expect(received).toEqual([...received].sort((a, b) => a - b));
    expect(seen.at(-1)).toEqual({ receivedBytes: SIZE, totalBytes: SIZE });
  });

  test('may have no declared length', async () => {
    server.behave((_request, response) => {
      response.writeHead(200);
      response.write(CONTENT.subarray(0, 1000));
      response.end(CONTENT.subarray(1000));
    });

    await fetchFile();

    await expectWhole();
  });
});

describe('an interrupted download', () => {
  test('continues at any byte and fetches no byte twice', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: SIZE / 3 }), { minLength: 1, maxLength: 3 }),
        async (cuts) => {
          server.requests.length = 0;
          server.behave(...cuts.map(cutAfter));

          await fetchFile();

          await expectWhole();
          let offset = 0;
          const starts = cuts.map((cut) => (offset += cut)).filter((start) => start < SIZE);
          expect(server.requests.map(({ range }) => range ?? null)).toEqual([
            null,
            ...starts.map((at) => `bytes=${at}-`),
          ]);
          await rm(destination);
        },
      ),
      { seed: 2, numRuns: 12 },
    );
  });

  test('leaves nothing under the final name, and the next run continues it', async () => {
    await leavePart(100_000);
    await expect(stat(destination)).rejects.toThrow('ENOENT');
    const seen: Progress[] = [];

    await fetchFile({ onProgress: (progress) => seen.push(progress) });

    await expectWhole();
    expect(server.requests).toEqual([expect.objectContaining({ range: 'bytes=100000-', 'if-range': ETAG })]);
    expect(seen[0]).toEqual({ receivedBytes: 100_000, totalBytes: SIZE });
  });

  test('of a dead process is continued, of a running one it is left alone', async () => {
    await leavePart(100_000);
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    await rename(await partFolder(), join(folder, `model.pth.${hostname()}.${dead}.00000001.part`));
    await fetchFile();
    expect(server.requests[0]).toMatchObject({ range: 'bytes=100000-' });
    await rm(destination);

    await leavePart(100_000);
    const alive = `model.pth.${hostname()}.${process.ppid}.00000001.part`;
    await rename(await partFolder(), join(folder, alive));
    await fetchFile();

    expect(server.requests[0]).not.toHaveProperty('range');
    expect(await readdir(folder)).toEqual(['model.pth', alive]);
  });

  test('that received nothing leaves no folder behind', async () => {
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    await mkdir(join(folder, `model.pth.${hostname()}.${dead}.00000001.part`));
    await mkdir(join(folder, `model.pth.${hostname()}.${dead}.00000002.part`));

    await fetchFile();

    await expectWhole();
  });

  test('of another machine is continued after a long time without a write', async () => {
    await leavePart(100_000);
    const other = join(folder, 'model.pth.other.host.1.00000001.part');
    await rename(await partFolder(), other);
    await fetchFile();
    expect(server.requests[0]).not.toHaveProperty('range');
    await rm(destination);
    server.requests.length = 0;

    const longAgo = new Date(Date.now() - 3_600_000);
    await utimes(join(other, 'data'), longAgo, longAgo);
    await fetchFile();

    await expectWhole();
    expect(server.requests[0]).toMatchObject({ range: 'bytes=100000-' });
  });

  test('that had already received everything is only verified', async () => {
    server.behave((_request, response, { held }) => {
      response.writeHead(200, { etag: ETAG });
      held.set(response, SIZE);
      response.write(CONTENT);
    });

    await fetchFile();

    await expectWhole();
    expect(server.requests.map(({ range }) => range)).toEqual([undefined, `bytes=${SIZE}-`]);
  });

  test('is continued without If-Range when the ETag is weak, because no server would accept it', async () => {
    server.etag = 'W/"one"';
    await leavePart(100_000);

    await fetchFile();

    await expectWhole();
    expect(server.requests[0]).not.toHaveProperty('if-range');
    expect(server.requests[0]).toMatchObject({ range: 'bytes=100000-' });
  });

  test('uses up no retry for an interruption after much progress', async () => {
    const large = new Uint8Array(randomBytes(26_000_000));
    server.content = large;
    server.behave(...Array.from({ length: 5 }, () => cutAfter(5_000_000)));

    await fetchFile({ sha256: sha256(large), maxBytes: large.length, patience: { ...PATIENCE, retries: 1 } });

    expect((await readFile(destination)).equals(large)).toBe(true);
  });
});

describe('a file that has changed on the server', () => {
  const changed = new Uint8Array(randomBytes(SIZE));

  test('starts again when the server says so by If-Range', async () => {
    await leavePart(100_000);
    server.content = changed;
    server.etag = '"two"';

    await fetchFile({ sha256: sha256(changed) });

    expect((await readFile(destination)).equals(changed)).toBe(true);
  });

  test.each<[string, Behaviour]>([
    [
      'another ETag',
      answer(206, { etag: '"two"', 'content-range': `bytes 100000-299999/${SIZE}` }, changed.subarray(100_000)),
    ],
    [
      'another total',
      answer(206, { etag: ETAG, 'content-range': 'bytes 100000-400000/400001' }, changed.subarray(100_000)),
    ],
    ['another start', answer(206, { etag: ETAG, 'content-range': `bytes 0-299999/${SIZE}` }, changed)],
    ['no range at all', answer(206, { etag: ETAG }, changed)],
    ['a range that cannot be satisfied', answer(416, { 'content-range': 'bytes */50000' })],
  ])('starts again when a part of it comes with %s', async (_what, behaviour) => {
    await leavePart(100_000);
    server.behave(behaviour);

    await fetchFile();

    await expectWhole();
    expect(server.requests).toHaveLength(2);
    expect(server.requests[1]).not.toHaveProperty('range');
  });

  test('starts again when only the checksum shows it', async () => {
    server.etag = null;
    await leavePart(100_000);
    await writeFile(join(await partFolder(), 'data'), changed.subarray(0, 100_000));

    await fetchFile();

    await expectWhole();
    expect(server.requests.map(({ range }) => range)).toEqual(['bytes=100000-', undefined]);
  });

  test('starts again at another address', async () => {
    await leavePart(100_000);

    await fetchFile({ url: `${server.url}-mirror` });

    await expectWhole();
    expect(server.requests[0]).not.toHaveProperty('range');
  });

  test('starts again when the part does not say which file it belongs to', async () => {
    await leavePart(100_000);
    await writeFile(join(await partFolder(), 'origin.json'), '{"url":');

    await fetchFile();

    await expectWhole();
    expect(server.requests[0]).not.toHaveProperty('range');
  });

  test('a server without range requests sends the whole file again', async () => {
    await leavePart(100_000);
    server.behave((request, response, all) => {
      delete request.headers.range;
      serve(request, response, all);
    });

    await fetchFile();

    await expectWhole();
    expect(server.requests).toHaveLength(1);
  });
});

describe('refusals', () => {
  test.each([403, 404, 410, 304])('status %i is final', async (status) => {
    server.behave(answer(status), serve);

    await expect(fetchFile()).rejects.toThrow(new RegExp(`${server.url}: the server answered ${status}`));
    expect(server.requests).toHaveLength(1);
    expect(await readdir(folder)).toEqual([]);
  });

  test.each([429, 500, 502, 503])('status %i is retried', async (status) => {
    server.behave(answer(status), answer(status));
    const failures: string[] = [];

    await fetchFile({ onRetry: ({ message }) => failures.push(message) });

    await expectWhole();
    expect(server.requests).toHaveLength(3);
    expect(failures).toEqual(Array.from({ length: 2 }, () => `${server.url}: the server answered ${status}`));
  });

  test('attempts are limited', async () => {
    server.behave(...Array.from({ length: 4 }, () => answer(503)));

    await expect(fetchFile()).rejects.toThrow(`answered 503; gave up after ${PATIENCE.retries + 1} attempts`);
    expect(server.requests).toHaveLength(PATIENCE.retries + 1);
  });

  test('it waits for Retry-After, as seconds or as a date', async () => {
    const inTwoSeconds = new Date(Date.now() + 2_000).toUTCString();
    server.behave(answer(429, { 'retry-after': '1' }), answer(503, { 'retry-after': inTwoSeconds }));
    const start = performance.now();

    await fetchFile();

    expect(performance.now() - start).toBeGreaterThan(950);
  });

  test('it does not wait for a Retry-After of an hour', async () => {
    server.behave(answer(429, { 'retry-after': '3600' }));

    await expect(fetchFile()).rejects.toThrow('asks to try again in 3600 s');
    expect(server.requests).toHaveLength(1);
  });

  test('a web page is an error, with any content type for HTML', async () => {
    const page = '<!DOCTYPE html><title>Sign in</title>';
    server.behave(answer(200, { 'content-type': 'text/html; charset=utf-8' }, page));
    await expect(fetchFile()).rejects.toThrow(/sent a web page instead of the file/);

    server.behave(answer(200, { 'content-type': 'application/octet-stream' }, page));
    await expect(fetchFile()).rejects.toThrow(/The 37 downloaded bytes, which look like a web page, were deleted/);
    expect(server.requests).toHaveLength(2);
    expect(await readdir(folder)).toEqual([]);
  });

  test('wrong bytes are removed, and the error has both checksums', async () => {
    const error = await fetchFile({ sha256: 'deadbeef' }).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(ChecksumError);
    expect(error).toMatchObject({ code: 'wrong-checksum' });
    expect(String(error)).toContain(`its SHA-256 is ${sha256(CONTENT)}, but it should start with deadbeef`);
    expect(await readdir(folder)).toEqual([]);
  });

  test('an answer with a content encoding is an error, because its bytes are not the file', async () => {
    server.behave(answer(200, { 'content-encoding': 'gzip' }, 'x'));

    await expect(fetchFile()).rejects.toThrow('content encoding gzip');
  });

  test('no server', async () => {
    await server.close();

    await expect(fetchFile({ patience: { ...PATIENCE, retries: 1 } })).rejects.toThrow(
      /connection failed \(ECONNREFUSED\)/,
    );
  });
});

describe('limits', () => {
  test('a file that is announced as too large is not received', async () => {
    await expect(fetchFile({ maxBytes: SIZE - 1 })).rejects.toThrow(
      `at least ${SIZE} bytes, more than the limit of ${SIZE - 1}`,
    );
    await fetchFile({ maxBytes: SIZE });

    await expectWhole();
  });

  test('an endless answer is stopped, and its bytes are removed', async () => {
    server.behave((_request, response) => {
      response.writeHead(200);
      const pour = (): void => {
        while (!response.destroyed && response.write(CONTENT));
        response.once('drain', pour);
      };
      pour();
    });

    await expect(fetchFile({ maxBytes: SIZE * 3 })).rejects.toThrow(DownloadError);
    expect(server.requests).toHaveLength(1);
    expect(await readdir(folder)).toEqual([]);
  });

  test.each<[string, Behaviour]>([
    ['not a byte', () => {}],
    [
      'headers and no more',
      (_request, response) => void response.writeHead(200, { 'content-length': '9' }).flushHeaders(),
    ],
  ])('the first byte must come in time: %s', async (_what, behaviour) => {
    server.behave(behaviour);

    await expect(fetchFile({ patience: { ...PATIENCE, firstByteTimeoutMs: 200, retries: 0 } })).rejects.toThrow(
      'no data arrived for 0.2 s',
    );
  });

  test('a body that stalls is continued by another request', async () => {
    server.behave((_request, response) => {
      response.writeHead(200, { 'content-length': SIZE, etag: ETAG });
      response.write(CONTENT.subarray(0, 50_000));
    });

    await fetchFile({ patience: { ...PATIENCE, stallTimeoutMs: 500 } });

    await expectWhole();
    expect(server.requests[1]).toMatchObject({ range: 'bytes=50000-' });
  });

  test('redirects are followed, but not without limit and not to any protocol', async () => {
    const redirect = answer(302, { location: '/elsewhere' });
    server.behave(redirect, answer(307, { location: server.url }));
    await fetchFile();
    await expectWhole();

    server.requests.length = 0;
    server.behave(...Array.from({ length: 10 }, () => redirect));
    await expect(fetchFile()).rejects.toThrow('redirects more than 5 times');
    expect(server.requests).toHaveLength(6);
  });

  test.each(['file:///etc/passwd', 'ftp://127.0.0.1/x', 'http://[broken'])('no redirect to %s', async (location) => {
    server.behave(answer(302, { location }));

    await expect(fetchFile()).rejects.toThrow('which is not allowed');
    expect(server.requests).toHaveLength(1);
  });
});

test('simultaneous downloads of the same file do not disturb each other', async () => {
  server.behave(cutAfter(70_000), cutAfter(10_000), cutAfter(200_000));

  await Promise.all([fetchFile(), fetchFile(), fetchFile()]);

  await expectWhole();
});

test('the documented defaults', () => {
  expect(DEFAULT_PATIENCE).toEqual({
    firstByteTimeoutMs: 30_000,
    stallTimeoutMs: 30_000,
    retries: 4,
    retryDelayMs: 1_000,
  });
});
