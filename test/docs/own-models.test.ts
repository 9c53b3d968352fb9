import { execFile, spawn } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { S3Client } from '@aws-sdk/client-s3';
import { BUCKET, eventually, labelledTags, upload, userS3 } from '../integration/uploads.ts';
import { writeFineTuned } from './flower-checkpoint.ts';
import { readPage } from './markdown-files.ts';

const COMMAND = fileURLToPath(new URL('../../cli/autoswiftnet.js', import.meta.url));
const DAISY = fileURLToPath(new URL('../../models/sample/images/daisy-1.jpg', import.meta.url));
const START_TIMEOUT_MS = 60_000;
const CLASSES = 20;

/** One of models/sample/images/expected.json, as far as it is needed. */
interface SamplePicture {
  readonly top3: readonly [{ readonly index: number; readonly label: string }];
}

let folder: string;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-own-'));
  environment = {
    ...process.env,
    AUTOSWIFTNET_MODELS: join(folder, 'models/cache'),
    AUTOSWIFTNET_OFFLINE: '1',
    NODE_OPTIONS: '',
  };
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** The four commands of the page, in its order, each as its words. */
function commandsOfPage(): string[][] {
  const [guide = ''] = readPage('docs/own-models.md').split('\n## ');
  return [...guide.matchAll(/^```\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) =>
    block
      .trim()
      .split('\n')
      .map((line) => line.split(' ')),
  );
}

/** What somebody would have: a checkpoint of 20 classes, their labels, a picture. */
async function writeUserFiles(): Promise<void> {
  const expected: SamplePicture[] = JSON.parse(
    await readFile(new URL('../../models/sample/images/expected.json', import.meta.url), 'utf8'),
  );
  const trained = new Map(expected.map(({ top3: [{ index, label }] }) => [index, label]));
  const chosen = [...trained].sort(([a], [b]) => a - b).slice(-CLASSES);
  await writeFineTuned(
    join(folder, 'flowers.pth'),
    chosen.map(([index]) => index),
  );
  await writeFile(join(folder, 'flowers.txt'), chosen.map(([, label]) => `my ${label}\n`).join(''));
  await copyFile(DAISY, join(folder, 'photo.jpg'));
}

async function runConvert(words: readonly string[]): Promise<string> {
  expect(words.slice(0, 2)).toEqual(['npx', 'autoswiftnet']);
  const { stdout } = await promisify(execFile)(process.execPath, [COMMAND, ...words.slice(2)], {
    cwd: folder,
    env: environment,
  });
  return stdout;
}

/** Starts the stack as the page says, on any free ports and with data of its own. */
async function runStart(words: readonly string[]): Promise<{ s3: S3Client; stop: () => Promise<void> }> {
  expect(words.slice(0, 3)).toEqual(['npm', 'start', '--']);
  const child = spawn(
    process.execPath,
    [COMMAND, 'start', ...words.slice(3), '--port', '0', '--data', join(folder, 'data')],
    {
      cwd: folder,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  await eventually(async () => /^ready http/m.test(output) || child.exitCode !== null, Boolean, START_TIMEOUT_MS);
  const url = /^ready (http\S+)$/m.exec(output)?.[1];
  if (url === undefined) throw new Error(`not ready:\n${output}`);
  const health = (await (await fetch(`${url}/health`)).json()) as { endpoints: { s3: string } };
  return {
    s3: userS3(health.endpoints.s3),
    stop: () => {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

test('the four commands of the page take a checkpoint of 20 classes to a tagged upload', async () => {
  const [convert = [], start = [], copy = [], tagging = [], ...others] = commandsOfPage();
  await writeUserFiles();

  const converted = await runConvert(convert);
  const { s3, stop } = await runStart(start);
  try {
    // The AWS CLI does not come from npm: the SDK makes the same calls.
    const [, , , file = '', target = ''] = copy;
    const key = target.replace(`s3://${BUCKET}/`, '');
    await upload(s3, key, await readFile(join(folder, file)));
    const tags = await labelledTags(s3, tagging[tagging.indexOf('--key') + 1] ?? '', 'my daisy');

    expect(others).toEqual([]);
    expect(converted).toContain('20 classes');
    expect(copy.join(' ')).toBe(`aws s3 cp photo.jpg s3://${BUCKET}/${key}`);
    expect(tagging.join(' ')).toBe(`aws s3api get-object-tagging --bucket ${BUCKET} --key ${key} --output text`);
    expect(tags).toEqual({
      'autoswiftnet:label': 'my daisy',
      'autoswiftnet:confidence': expect.stringMatching(/^0\.[89]\d\d$/),
      'autoswiftnet:model': 'flowers',
    });
  } finally {
    s3.destroy();
    await stop();
  }
});
