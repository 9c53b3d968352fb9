import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { readManifest } from '../../classifier/manifest.ts';
import { ChecksumError, DownloadError } from '../../models/download/errors.ts';
import { type FetchRequest, fetchModel, NameTakenError, SourceError } from '../../models/fetch.ts';
import { findZooModel, type ZooModel } from '../../models/zoo/zoo.ts';
import { answer, cutAfter, type FileServer, startFileServer } from './download/file-server.ts';

const CONTENT = new Uint8Array(randomBytes(50_000));
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');
const PATIENCE = { firstByteTimeoutMs: 2_000, stallTimeoutMs: 2_000, retries: 1, retryDelayMs: 1 };

const SAMPLE_FOLDER = fileURLToPath(new URL('../../models/sample', import.meta.url));

/** A model like those of the zoo, with a file of this test. */
const MODEL: ZooModel = {
  ...findZooModel('resnet18_swsl'),
  fileName: `tiny-${SHA256.slice(0, 8)}.pth`,
  sha256Prefix: SHA256.slice(0, 8),
  checkpointBytes: CONTENT.length,
};

let modelsDir: string;
let mirror: string;
let server: FileServer;
let packageDir: string;

beforeEach(async () => {
  const root = await mkdtemp(join(tmpdir(), 'asn-fetch-'));
  modelsDir = join(root, 'models');
  packageDir = join(modelsDir, MODEL.name);
  mirror = join(root, 'mirror');
  await mkdir(mirror);
  await writeFile(join(mirror, MODEL.fileName), CONTENT);
  server = await startFileServer(CONTENT);
});

afterEach(async () => {
  await server.close();
  await rm(join(modelsDir, '..'), { recursive: true });
});

/** Replaces the converter: it makes a package whose weights are the checkpoint's bytes. */
const convert: NonNullable<FetchRequest['convert']> = async ({ checkpoint, out }) => {
  const bytes = await readFile(checkpoint);
  await mkdir(out, { recursive: true });
  await writeFile(join(out, 'model.onnx'), 'graph');
  await writeFile(join(out, 'weights.bin'), bytes);
  const manifest = manifestOf(bytes);
  await writeFile(join(out, 'model.json'), JSON.stringify(manifest));
  return manifest;
};

function manifestOf(bytes: Uint8Array) {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return {
    formatVersion: 1 as const,
    name: MODEL.name,
    architecture: 'resnet18',
    supervision: 'swsl' as const,
    precision: 'fp32' as const,
    classes: 1,
    parameters: 1,
    macs: 1,
    preprocessing: {
      resize: 256,
      crop: 224,
      interpolation: 'bilinear' as const,
      mean: [0, 0, 0] as [number, number, number],
      std: [1, 1, 1] as [number, number, number],
    },
    labels: [{ label: 'tench', wnid: null }],
    publishedTop1: null,
    publishedTop5: null,
    measuredTop1: null,
    measuredTop5: null,
    source: { url: MODEL.url, sha256 },
    license: null,
    files: { 'model.onnx': { bytes: 5, sha256 }, 'weights.bin': { bytes: bytes.length, sha256 } },
    classifierWeights: { offset: 0, shape: [1, 1] as [number, number] },
    selfTest: { seed: 1, logits: [0], tolerance: 1 },
    fidelity: null,
  };
}

function fetchIt(changes: Partial<FetchRequest> = {}) {
  const source = server.url.replace('/model-file', '/mirror/');
  const onProgress: FetchRequest['onProgress'] = ({ receivedBytes }) => server.received(receivedBytes);
  return fetchModel({ model: MODEL, modelsDir, source, patience: PATIENCE, convert, onProgress, ...changes });
}

test("a model is downloaded and converted with the zoo's facts, and its checkpoint is removed", async () => {
  const asked: unknown[] = [];

  const fetched = await fetchIt({
    convert: (request) => {
      asked.push(request);
      return convert(request);
    },
  });

  expect(fetched).toEqual({ packageDir, isNew: true });
  expect(asked).toEqual([
    expect.objectContaining({
      out: packageDir,
      name: 'resnet18_swsl',
      force: false,
      source: { url: MODEL.url },
      publishedTop1: 73.4,
      measuredTop5: 91.754,
      license: 'CC BY-NC 4.0',
    }),
  ]);
  expect(await readFile(join(packageDir, 'weights.bin'))).toEqual(Buffer.from(CONTENT));
  expect(await readdir(join(modelsDir, '.downloads'))).toEqual([]);
});

test('a second fetch does nothing', async () => {
  await fetchIt();
  let begun = 0;

  const again = await fetchIt({ onBegin: () => (begun += 1) });

  expect(again).toEqual({ packageDir, isNew: false });
  expect(begun).toBe(0);
  expect(server.requests).toHaveLength(1);
});

test.each(['model.json', 'model.onnx', 'weights.bin'])('a package with a damaged %s is made anew', async (file) => {
  await fetchIt();
  await writeFile(join(packageDir, file), 'x');
  const forced: unknown[] = [];

  const { isNew } = await fetchIt({
    convert: (request) => {
      forced.push(request.force);
      return convert(request);
    },
  });

  expect({ isNew, forced }).toEqual({ isNew: true, forced: [true] });
});

test("a package of the user's own under that name is not touched", async () => {
  await convert({ checkpoint: await otherCheckpoint(), out: packageDir });

  await expect(fetchIt()).rejects.toThrow(NameTakenError);
  expect(server.requests).toEqual([]);
});

test('a failed conversion keeps the verified checkpoint, and the next fetch does not download it again', async () => {
  const failing = (): Promise<never> => Promise.reject(new SourceError('no space'));
  await expect(fetchIt({ convert: failing })).rejects.toThrow('no space');

  await fetchIt();

  expect(server.requests).toHaveLength(1);
  expect(await readdir(join(modelsDir, '.downloads'))).toEqual([]);
});

test('an earlier download is verified again', async () => {
  await mkdir(join(modelsDir, '.downloads'), { recursive: true });
  await writeFile(join(modelsDir, '.downloads', MODEL.fileName), 'half a file');

  await fetchIt();

  expect(server.requests).toHaveLength(1);
  expect(await readFile(join(packageDir, 'weights.bin'))).toEqual(Buffer.from(CONTENT));
});

test('an interrupted download makes no package, and is continued', async () => {
  server.behave(cutAfter(20_000), cutAfter(10_000));
  await expect(fetchIt()).rejects.toThrow(DownloadError);
  expect(await readdir(modelsDir)).toEqual(['.downloads']);

  await fetchIt();

  expect(server.requests.at(-1)).toMatchObject({ range: 'bytes=30000-' });
});

test('simultaneous fetches of one model all succeed with the package of the fastest', async () => {
  const exclusive: typeof convert = async (request) => {
    const temporary = join(mirror, randomBytes(4).toString('hex'));
    const manifest = await convert({ ...request, out: temporary });
    await rename(temporary, request.out);
    return manifest;
  };

  const results = await Promise.all([0, 1, 2].map(() => fetchIt({ convert: exclusive })));

  expect(new Set(results.map((result) => result.packageDir))).toEqual(new Set([packageDir]));
});

test('a file much larger than the model is refused', async () => {
  server.content = new Uint8Array(200_000);

  await expect(fetchIt()).rejects.toThrow('more than the limit of 75000');
});

describe('--source', () => {
  test('is a folder, whose file is left alone', async () => {
    await fetchIt({ source: mirror });

    expect(await readdir(mirror)).toEqual([MODEL.fileName]);
    expect(await readdir(modelsDir)).toEqual([MODEL.name]);
    expect(server.requests).toEqual([]);
  });

  test('is a file URL', async () => {
    const { isNew } = await fetchIt({ source: pathToFileURL(mirror).href });

    expect(isNew).toBe(true);
  });

  test('is the URL of a folder, with or without a slash at its end', async () => {
    server.behave((request, response) =>
      response.writeHead(200).end(request.url === `/mirror/${MODEL.fileName}` ? CONTENT : ''),
    );

    const { isNew } = await fetchIt({ source: server.url.replace('/model-file', '/mirror') });

    expect(isNew).toBe(true);
  });

  test('without the file is an error that says which one is missing', async () => {
    const empty = join(mirror, 'none');

    await expect(fetchIt({ source: empty })).rejects.toThrow(SourceError);
    await expect(fetchIt({ source: empty })).rejects.toThrow(join(empty, MODEL.fileName));
    server.behave(answer(404));
    await expect(fetchIt()).rejects.toThrow(`/mirror/${MODEL.fileName}: the server answered 404`);
  });

  test('with another file under that name is an error, and the file stays', async () => {
    await writeFile(join(mirror, MODEL.fileName), 'not it');

    await expect(fetchIt({ source: mirror })).rejects.toThrow(ChecksumError);
    expect(await readFile(join(mirror, MODEL.fileName), 'utf8')).toBe('not it');
    expect(await readdir(join(modelsDir, '..'))).toEqual(['mirror']);
  });

  test.each(['ftp://host/models', 's3://bucket', 'http://[broken', 'file://host/share'])(
    '%s is refused',
    async (source) => {
      await expect(fetchIt({ source })).rejects.toThrow(SourceError);
    },
  );
});

test('a real checkpoint becomes a real package', async () => {
  const sample = { ...MODEL, name: 'drawn', fileName: 'sample.pth', sha256Prefix: '998b7647' };

  const { packageDir: made } = await fetchModel({ model: sample, modelsDir, source: SAMPLE_FOLDER });

  expect(await readManifest(made)).toMatchObject({
    name: 'drawn',
    parameters: 831_096,
    publishedTop1: 73.4,
    license: 'CC BY-NC 4.0',
    source: { url: sample.url, sha256: expect.stringMatching(/^998b7647/) },
  });
  expect(await fetchModel({ model: sample, modelsDir, source: SAMPLE_FOLDER })).toEqual({
    packageDir: made,
    isNew: false,
  });
});

async function otherCheckpoint(): Promise<string> {
  const path = join(mirror, 'other.pth');
  await writeFile(path, 'other');
  return path;
}
