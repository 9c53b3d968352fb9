import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LoadStack, startLoadStack } from '../../../bench/load/load-stack.ts';
import type { LoadPicture } from '../../../bench/load/pictures.ts';
import { startRecorder } from '../../../bench/load/recorder.ts';
import { runRequests } from '../../../bench/load/run-requests.ts';
import { runUploads } from '../../../bench/load/run-uploads.ts';
import { ensureSamplePackage } from '../../../models/sample/sample.ts';
import { samplePicture } from '../../integration/uploads.ts';
import { publishedPackage } from '../../published-package.ts';

const PICTURES = ['daisy-1', 'pizza-1', 'banana-1'];

let folder: string;
let stack: LoadStack;
let pictures: LoadPicture[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-load-test-'));
  const packageDir = await ensureSamplePackage(folder);
  pictures = await Promise.all(
    PICTURES.map(async (name) => ({ jpeg: await samplePicture(name), label: name.split('-')[0] ?? '' })),
  );
  stack = await startLoadStack(packageDir, folder, { cli: join(publishedPackage(), 'cli/autoswiftnet.js') });
});

afterAll(async () => {
  await stack.close();
  await rm(folder, { recursive: true, force: true });
});

function record(name: string) {
  return startRecorder({
    name,
    title: 'a <short> run',
    pid: stack.pid,
    about: { images: 50 },
    folder,
    intervalMs: 200,
    print: () => {},
  });
}

test('50 uploads are all answered, and rows, summary and plot are written as it goes', async () => {
  const recorder = record('uploads');
  await runUploads({ stack, pictures, recorder, atOnce: 16, to: 50 });
  const summary = await recorder.end();

  expect(summary).toMatchObject({ done: 50, errors: 0 });
  expect(summary.p50Ms).toBeLessThanOrEqual(summary.p99Ms);
  const { rows, ...written } = JSON.parse(await readFile(join(folder, 'uploads.json'), 'utf8'));
  expect(written).toMatchObject({ images: 50, summary: { ...summary, errorsByText: {} } });
  expect(rows.length).toBeGreaterThan(1);
  // The stack, and the function's process that tags.
  expect(rows.at(-1)).toMatchObject({ done: 50, processes: expect.any(Number), openFiles: expect.any(Number) });
  expect(rows.at(-1).processes).toBeGreaterThanOrEqual(2);
  expect(rows.at(-1).anonymousMb).toBeGreaterThan(50);
  expect(await readFile(join(folder, 'uploads.svg'), 'utf8')).toContain('<title>a &lt;short&gt; run</title>');
});

test('an answer that is not the model’s own is an error', async () => {
  const errors: string[] = [];
  const recorder = { onAnswer() {}, onError: (what: string) => void errors.push(what) };
  const [daisy] = pictures;
  if (daisy === undefined) throw new TypeError('there is no picture');

  await runUploads({ stack, pictures: [{ ...daisy, label: 'pizza' }], recorder, atOnce: 1, to: 1 });
  const noPicture = { jpeg: Buffer.from('no picture'), label: 'pizza' };
  await runUploads({ stack, pictures: [noPicture], recorder, atOnce: 1, to: 1 });

  expect(errors).toEqual(['another answer than the model gives', 'the image is rejected']);
});

test('requests classify and read, and what is refused is an error', async () => {
  const recorder = record('requests');
  await runRequests({ url: stack.url, pictures, recorder, clients: 4, seconds: 0.5 });
  const errors = new Set<string>();
  const refused = [{ jpeg: Buffer.from('no picture'), label: '' }];
  const observer = { onAnswer() {}, onError: (what: string) => void errors.add(what) };
  await runRequests({ url: stack.url, pictures: refused, recorder: observer, clients: 1, seconds: 0.01 });

  const { done, errors: count } = await recorder.end();
  expect(done).toBeGreaterThanOrEqual(4);
  expect(count).toBe(0);
  expect([...errors]).toEqual(['/classify: 415']);
});
