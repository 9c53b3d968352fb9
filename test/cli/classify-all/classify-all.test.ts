import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { MOST_UNREAD_IN_A_ROW } from '../../../cli/classify-all/tally.ts';
import { startTestServer, type TestServer } from '../../local/s3/local-server.ts';
import { jsonLines, ROOT, type RunOptions, runCli } from '../run-cli.ts';

const ACORN = join(ROOT, 'models/sample/images/acorn-1.jpg');
const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'us-east-1' };
const OBJECTS = 120;
const KEYS = Array.from({ length: OBJECTS }, (_, place) => `photos/${place % 3} é+%20/${place}.jpg`);

let folder: string;
let s3: TestServer;
let acorn: Buffer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'asn-classify-all-'));
  s3 = await startTestServer();
  acorn = await readFile(ACORN);
  for (const key of KEYS) await put(key, acorn);
});

afterAll(async () => {
  await s3.close();
  await rm(folder, { recursive: true });
});

function put(Key: string, Body: Uint8Array) {
  return s3.client.send(new PutObjectCommand({ Bucket: 'bucket', Key, Body }));
}

/** Runs `classify --output` with the caller's credentials, as the environment has them. */
function run(args: readonly string[], options: Omit<RunOptions, 'cwd'> = {}) {
  return runCli(['classify', '--model', 'sample', '--processes', '1', ...args], {
    ...{ cwd: folder, variables: CREDENTIALS },
    ...options,
  });
}

async function linesOf(file: string): Promise<number> {
  const text = await readFile(join(folder, file), 'utf8').catch(() => '');
  return text.split('\n').length - 1;
}

/** Sends the signal once the file has so many lines. */
function signalAt(file: string, lines: number, signal: NodeJS.Signals) {
  return async (child: ChildProcess): Promise<void> => {
    while (child.exitCode === null && child.signalCode === null && (await linesOf(file)) < lines) await delay(5);
    child.kill(signal);
  };
}

test('a bucket is classified once, though it was killed, and stopped by Ctrl-C', async () => {
  const args = ['s3://bucket/photos/', '--endpoint-url', s3.s3.endpoint, '--output', 'killed.jsonl'];
  const codes: (number | null)[] = [];
  for (const [lines, signal] of [
    [20, 'SIGKILL'],
    [60, 'SIGINT'],
  ] as const) {
    const { code } = await run(args, { onStart: signalAt('killed.jsonl', lines, signal) });
    codes.push(code);
    // A line that was cut off in the middle of a character.
    await appendFile(join(folder, 'killed.jsonl'), Buffer.from('{"file":"s3://bucket/photos/0 é').subarray(0, -1));
  }
  const before = await linesOf('killed.jsonl');

  const { code, out, err } = await run(args);

  const lines = jsonLines(await readFile(join(folder, 'killed.jsonl'), 'utf8')) as { file: string }[];
  expect(codes).toEqual([null, 130]);
  expect({ code, out }).toEqual({ code: 0, out: '' });
  expect(err).toMatch(new RegExp(`^killed\\.jsonl has lines for ${before} images, which are left out$`, 'm'));
  expect(err).toContain(`${OBJECTS - before} images classified; ${before} had lines before`);
  expect(lines.map(({ file }) => file).sort()).toEqual(KEYS.map((key) => `s3://bucket/${key}`).sort());
  expect(lines[0]).toMatchObject({
    sha256: createHash('sha256').update(acorn).digest('hex'),
    model: 'sample',
    predictions: Array.from({ length: 10 }, () => expect.anything()),
  });
});

test('what cannot be classified has a line; what cannot be read has none, and is tried again', async () => {
  const photos = join(folder, 'photos');
  await mkdir(photos);
  await cp(ACORN, join(photos, 'a.jpg'));
  await writeFile(join(photos, 'notes.txt'), 'no picture');
  await put('mixed/text.png', Buffer.from('no picture'));
  await put('mixed/no ending', acorn);
  await put('mixed/film.mov', acorn);
  await put('mixed/', Buffer.alloc(0));
  const places = ['photos', 'missing.jpg', 's3://bucket/mixed/', 'photos/a.jpg'];
  const args = [...places, '--endpoint-url', s3.s3.endpoint, '--output', 'mixed.jsonl', '--top', '1'];

  const first = await run(args);
  await cp(ACORN, join(folder, 'missing.jpg'));
  const second = await run(args);

  expect([first.code, second.code]).toEqual([1, 0]);
  expect(first.err).toMatch(/^missing\.jpg: cannot be read: it does not exist$/m);
  expect(first.err).toMatch(/^s3:\/\/bucket\/mixed\/text\.png: unsupported file type/m);
  expect(first.err).toContain(
    '2 images classified; 1 cannot be classified (their lines say why); 1 could not be read (run the same command again for them); 1 had lines before; left out 2 files that are not images (1 .txt, 1 .mov)',
  );
  expect(second.err).toContain('1 images classified; 4 had lines before');
  const lines = jsonLines(await readFile(join(folder, 'mixed.jsonl'), 'utf8'));
  expect(lines).toHaveLength(4);
  expect(lines).toContainEqual({
    file: 's3://bucket/mixed/text.png',
    error: { code: 'not-an-image', message: expect.any(String) },
  });
});

test.each([
  [['s3://bucket/typo/'], ['there are no images at this address']],
  [
    ['gone.jpg', 'empty', 's3://bucket/none/'],
    ['cannot be read: it does not exist', 'the folder has no images in it', 'there are no images at this address'],
  ],
])('without an image at %j, nothing is loaded, and each fault is named', async (places, faults) => {
  await mkdir(join(folder, 'empty'), { recursive: true });

  const { code, out, err } = await runCli(['classify', ...places, '--output', 'none.jsonl'], {
    cwd: folder,
    variables: { ...CREDENTIALS, AWS_ENDPOINT_URL_S3: s3.s3.endpoint, AUTOSWIFTNET_OFFLINE: '' },
  });

  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toBe(`${places.map((place, index) => `${place}: ${faults[index]}\n`).join('')}0 images classified\n`);
});

test('an output with answers of another model is left as it is', async () => {
  const prediction = { rank: 1, label: 'x', wnid: null, index: 0, probability: 1 };
  const other = `${JSON.stringify({ file: 'a.jpg', model: 'other', predictions: [prediction] })}\n`;
  await writeFile(join(folder, 'other.jsonl'), other);

  const { code, err } = await run(['photos', '--output', 'other.jsonl']);

  expect(code).toBe(1);
  expect(err).toMatch(/other\.jsonl, line 1: the answer is by the model other, and this run is by sample\. Choose/);
  expect(await readFile(join(folder, 'other.jsonl'), 'utf8')).toBe(other);
});

test('a picture at which workers die gets a line, and the run goes on; those that the worker had, too, are classified', async () => {
  const crashing = new URL('crashing-worker.mjs', import.meta.url).href;
  // The worker is given all of them before it answers: the deadly one comes last.
  const pictures = ['z-deadly.jpg', ...Array.from({ length: 5 }, (_, place) => `sound-${place}.jpg`)];
  await mkdir(join(folder, 'crash'));
  for (const name of pictures) await cp(ACORN, join(folder, 'crash', name));
  const variables = { NODE_OPTIONS: `--import ${crashing}` };

  const { code, err } = await runCli(
    ['classify', '--model', 'sample', '--processes', '1', 'crash', '--output', 'crash.jsonl', '--top', '1'],
    { cwd: folder, variables },
  );

  const lines = jsonLines(await readFile(join(folder, 'crash.jsonl'), 'utf8')) as { file: string; error?: object }[];
  expect(code).toBe(1);
  expect(err).toMatch(/^crash\/z-deadly\.jpg: two processes ended unexpectedly \(SIGKILL\)/m);
  expect(err).toContain('5 images classified; 1 cannot be classified (their lines say why)');
  expect(lines.map(({ file }) => file).sort()).toEqual(pictures.map((name) => join('crash', name)).sort());
  expect(lines.filter(({ error }) => error !== undefined)).toEqual([
    { file: 'crash/z-deadly.jpg', error: { code: 'image-crash', message: expect.any(String) } },
  ]);
});

test('a hundred images in a row that cannot be read end the run, and the answers before them stay', async () => {
  await cp(ACORN, join(folder, 'first.jpg'));
  // Enough, too, if the first one's answer comes among them.
  const missing = Array.from({ length: 2 * MOST_UNREAD_IN_A_ROW + 20 }, (_, place) => `gone-${place}.jpg`);

  const { code, err } = await run(['first.jpg', ...missing, '--output', 'unread.jsonl']);

  expect(code).toBe(1);
  expect(err).toContain('gone-0.jpg: cannot be read: it does not exist');
  expect(err).toMatch(/^autoswiftnet: 100 images in a row could not be read\. Do what the messages above say/m);
  expect(await linesOf('unread.jsonl')).toBe(1);
});
