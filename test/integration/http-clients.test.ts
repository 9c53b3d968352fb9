import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { Stack } from '../../local/stack.ts';
import { ensureSamplePackage } from '../../models/sample/sample.ts';
import { form } from '../functions/api/bodies.ts';
import { hasProgram } from '../has-program.ts';
import { startPublishedStack } from './published-stack.ts';
import { samplePicture } from './uploads.ts';

const run = promisify(execFile);
const START_TIMEOUT_MS = 90_000;
const DAISY = [200, 'daisy', 11_398];

let folder: string;
let file: string;
let stack: Stack;
let picture: Buffer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-clients-'));
  file = join(folder, 'Gänseblümchen 1.jpg');
  picture = await samplePicture('daisy-1');
  await writeFile(file, picture);
  const packageDir = await ensureSamplePackage(join(folder, 'models'));
  stack = await startPublishedStack({ dataDir: join(folder, 'data'), packageDir, port: 0 });
}, START_TIMEOUT_MS);

afterAll(async () => {
  await stack?.close();
  await rm(folder, { recursive: true, force: true });
});

/** A test that needs a program. Without it the test is skipped, and its title says what to install. */
function testWith(program: string, check: readonly string[], debianPackage: string) {
  return hasProgram(program, check)
    ? test.each
    : (cases: readonly (readonly [string, readonly string[], readonly unknown[]])[]) =>
        (title: string, run: (...all: [string, readonly string[], readonly unknown[]]) => Promise<void>) =>
          test.skip.each(cases)(`${title} (needs ${program}: apt-get install ${debianPackage})`, run);
}

/** Status, first label and size; or status and the code of the problem. */
function factsOf(status: number, body: string): unknown[] {
  const { predictions, image, type } = JSON.parse(body);
  return predictions === undefined ? [status, type.split(':').at(-1)] : [status, predictions[0].label, image.bytes];
}

async function send(init: RequestInit): Promise<unknown[]> {
  const response = await fetch(`${stack.url}/classify`, { method: 'POST', ...init });
  return factsOf(response.status, await response.text());
}

describe('fetch', () => {
  const bytes = () => new Uint8Array(picture);

  test('sends a form, with a file or a Blob', async () => {
    const named = new FormData();
    named.append('file', new File([bytes()], 'Gänse.jpg', { type: 'image/jpeg' }));
    const blob = new FormData();
    blob.append('note', 'x');
    blob.append('image', new Blob([bytes()]));

    expect(await send({ body: named })).toEqual(DAISY);
    expect(await send({ body: blob })).toEqual(DAISY);
  });

  test('sends bytes, a Blob, JSON and compressed bytes', async () => {
    const json = { 'content-type': 'application/json' };
    const image = picture.toString('base64');

    expect(await send({ body: bytes() })).toEqual(DAISY);
    expect(await send({ body: new Blob([bytes()], { type: 'binary/octet-stream' }) })).toEqual(DAISY);
    expect(await send({ headers: json, body: JSON.stringify({ image }) })).toEqual(DAISY);
    expect(await send({ headers: json, body: JSON.stringify({ image: `data:image/jpeg;base64,${image}` }) })).toEqual(
      DAISY,
    );
    expect(await send({ headers: { 'content-encoding': 'gzip' }, body: new Uint8Array(gzipSync(picture)) })).toEqual(
      DAISY,
    );
  });

  test('learns what is wrong', async () => {
    const two = new FormData();
    two.append('a', new Blob([bytes()]), 'a.jpg');
    two.append('b', new Blob([bytes()]), 'b.jpg');

    expect(await send({ body: two })).toEqual([400, 'malformed-body']);
    expect(await send({ headers: { 'content-type': 'multipart/form-data' }, body: 'x' })).toEqual([
      400,
      'malformed-body',
    ]);
    expect(await send({ headers: { 'content-encoding': 'zstd' }, body: bytes() })).toEqual([
      415,
      'unsupported-content-encoding',
    ]);
  });
});

test('a form in chunks, whose file has no name, as axios and form-data send a buffer', async () => {
  const head = 'Content-Disposition: form-data; name="file"\r\nContent-Type: application/octet-stream';
  const { headers, body } = form([{ head, content: picture }]);
  const outgoing = httpRequest(`${stack.url}/classify`, { method: 'POST', headers });
  for (let place = 0; place < body.length; place += 1000) outgoing.write(body.subarray(place, place + 1000));
  outgoing.end();

  const [response] = await once(outgoing, 'response');
  let text = '';
  for await (const chunk of response) text += chunk;

  expect(factsOf(response.statusCode, text)).toEqual(DAISY);
});

testWith(
  'curl',
  ['--version'],
  'curl',
)([
  ['a form', ['-F', 'file=@FILE'], DAISY],
  ['a form with a name and a type of its own', ['-F', 'x=@FILE;type=text/plain;filename=日本.jpg', '-F', 'a=b'], DAISY],
  ['a form from a pipe', ['-F', 'file=<FILE'], DAISY],
  ['bytes, with the type that curl makes up', ['--data-binary', '@FILE'], DAISY],
  ['bytes without a type', ['-H', 'content-type:', '--data-binary', '@FILE'], DAISY],
  [
    'bytes in chunks',
    ['-H', 'transfer-encoding: chunked', '-H', 'content-type: image/jpeg', '--data-binary', '@FILE'],
    DAISY,
  ],
  ['a file by -T', ['-X', 'POST', '-T', 'FILE'], DAISY],
  ['a form without the @', ['-F', 'file=photo.jpg'], [400, 'malformed-body']],
  ['bytes that -d has damaged', ['-d', '@FILE'], [400, 'malformed-body']],
  ['JSON without its type', ['-d', '{"key":"a"}'], [415, 'unsupported-media-type']],
])('curl sends %s', async (_name, options, expected) => {
  const given = options.map((option) => option.replace('FILE', file));
  const { stdout } = await run('curl', ['-s', '-w', '\n%{http_code}', ...given, `${stack.url}/classify`]);
  const [body = '', status] = stdout.split('\n');

  expect(factsOf(Number(status), body)).toEqual(expected);
});

const PYTHON = `import base64, gzip, sys, requests
url, path = sys.argv[1:3]
data = open(path, 'rb').read()
answer = eval(sys.argv[3])
print(answer.status_code)
print(answer.text)
`;

testWith(
  '/usr/bin/python3',
  ['-c', 'import requests'],
  'python3-requests',
)([
  ['files', ["requests.post(url, files={'file': open(path, 'rb')})"], DAISY],
  ['files from memory, with other fields', ["requests.post(url, files={'image': data}, data={'a': 'b'})"], DAISY],
  ['files without a name', ["requests.post(url, files={'file': (None, data)})"], DAISY],
  ['data', ['requests.post(url, data=data)'], DAISY],
  ['json', ["requests.post(url, json={'image': base64.b64encode(data).decode()})"], DAISY],
  ['json with line breaks', ["requests.post(url, json={'image': base64.encodebytes(data).decode()})"], DAISY],
  ['gzip', ["requests.post(url, data=gzip.compress(data), headers={'content-encoding': 'gzip'})"], DAISY],
])("Python's requests sends %s", async (_name, [expression = ''], expected) => {
  const { stdout } = await run('/usr/bin/python3', ['-c', PYTHON, `${stack.url}/classify`, file, expression]);
  const [status, body = ''] = stdout.split('\n');

  expect(factsOf(Number(status), body)).toEqual(expected);
});
