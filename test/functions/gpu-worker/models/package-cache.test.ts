import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { readManifest } from '../../../../classifier/manifest.ts';
import { PackageDownloadError } from '../../../../functions/gpu-worker/errors.ts';
import { locatePackage } from '../../../../functions/gpu-worker/models/locate-package.ts';
import { fetchPackage, type PackageFiles } from '../../../../functions/gpu-worker/models/package-cache.ts';
import type { WorkerSettings } from '../../../../functions/gpu-worker/settings.ts';
import { UnknownModelError } from '../../../../functions/routing/errors.ts';
import { type LocalS3, startS3 } from '../../../../local/s3/server.ts';
import { ensureSamplePackage } from '../../../../models/sample/sample.ts';
import { userS3 } from '../../../integration/uploads.ts';

const BUCKET = 'assets';
const NAMES = ['model.json', 'model.onnx', 'weights.bin'] as const;

let folder: string;
let packageDir: string;
let server: LocalS3;
let s3: S3Client;
let files: PackageFiles;
let cacheDir: string;
let caches = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-cache-'));
  packageDir = await ensureSamplePackage(join(folder, 'models'));
  server = await startS3({
    dataDir: join(folder, 's3'),
    port: 0,
    allowedOrigins: [],
    onEvent: async () => {},
    onError: () => {},
  });
  await server.createBucket(BUCKET, { notifications: false });
  s3 = userS3(server.endpoint);
  const [manifest, graph, weights] = await Promise.all(NAMES.map(putFile));
  if (manifest === undefined || graph === undefined || weights === undefined)
    throw new TypeError('expected three files');
  files = { 'model.json': manifest, 'model.onnx': graph, 'weights.bin': weights };
});

beforeEach(() => {
  caches += 1;
  cacheDir = join(folder, `cache-${caches}`);
});

afterAll(async () => {
  s3?.destroy();
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

async function putFile(name: string) {
  const bytes = await readFile(join(packageDir, name));
  // Keys may look like anything.
  const key = `a b/?#%20/${name}`;
  await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: bytes }));
  return { url: `s3://${BUCKET}/${key}`, sha256: createHash('sha256').update(bytes).digest('hex') };
}

test('a package is fetched, and found in the cache the next time', async () => {
  const fetched = await fetchPackage(s3, 'sample', files, cacheDir);
  for (const name of NAMES) {
    expect((await readFile(join(fetched, name))).equals(await readFile(join(packageDir, name)))).toBe(true);
  }
  const nowhere = userS3('http://127.0.0.1:1');

  expect(await fetchPackage(nowhere, 'sample', files, cacheDir)).toBe(fetched);
  expect(await readdir(cacheDir)).toHaveLength(1);
  nowhere.destroy();
});

test('several workers that fetch it at once all find it whole', async () => {
  const folders = await Promise.all([1, 2, 3].map(() => fetchPackage(s3, 'sample', files, cacheDir)));

  expect(new Set(folders).size).toBe(1);
  expect(await readdir(cacheDir)).toHaveLength(1);
  await expect(readManifest(folders[0] ?? '')).resolves.toMatchObject({ name: 'sample' });
});

test('a damaged package in the cache is downloaded again', async () => {
  const fetched = await fetchPackage(s3, 'sample', files, cacheDir);
  await writeFile(join(fetched, 'weights.bin'), 'x');
  await fetchPackage(s3, 'sample', files, cacheDir);

  expect((await readFile(join(fetched, 'weights.bin'))).equals(await readFile(join(packageDir, 'weights.bin')))).toBe(
    true,
  );
});

test('a file with unexpected content is an error that names the file, and leaves nothing behind', async () => {
  const wrong = { ...files, 'weights.bin': { ...files['weights.bin'], sha256: '0'.repeat(64) } };

  await expect(fetchPackage(s3, 'sample', wrong, cacheDir)).rejects.toThrow(PackageDownloadError);
  await expect(fetchPackage(s3, 'sample', wrong, cacheDir)).rejects.toThrow(
    /weights\.bin: the SHA-256 of the file is wrong: expected 0{64}, found/,
  );
  expect(await readdir(cacheDir)).toEqual([]);
});

test('a file that is not there is an error that says so', async () => {
  const missing = { ...files, 'model.onnx': { ...files['model.onnx'], url: `s3://${BUCKET}/none` } };

  await expect(fetchPackage(s3, 'sample', missing, cacheDir)).rejects.toThrow(
    /s3:\/\/assets\/none: a file of the model package cannot be downloaded \(NoSuchKey/,
  );
});

test('the unfinished download of a killed worker is removed after an hour, and not before', async () => {
  await mkdir(join(cacheDir, '.part-old'), { recursive: true });
  await mkdir(join(cacheDir, '.part-new'));
  const long = new Date(Date.now() - 2 * 3_600_000);
  await utimes(join(cacheDir, '.part-old'), long, long);
  const fetched = await fetchPackage(s3, 'sample', files, cacheDir);

  expect((await readdir(cacheDir)).sort()).toEqual(['.part-new', basename(dirname(fetched))]);
});

describe('the package of a model', () => {
  const settings = (packages: WorkerSettings['AUTOSWIFTNET_HEAVY_PACKAGES'] = {}) => ({
    models: ['sample', 'sample.heavy', 'remote'] as const,
    AUTOSWIFTNET_MODELS: join(folder, 'models'),
    AUTOSWIFTNET_HEAVY_PACKAGES: packages,
    AUTOSWIFTNET_MODEL_CACHE: cacheDir,
  });

  test('is where the settings say, from S3 or in a folder, else among the packages under its name', async () => {
    const placed = join(folder, 'placed', 'sample');
    await cp(packageDir, placed, { recursive: true });
    const remote = await locatePackage('sample', settings({ sample: files }), s3);

    expect(remote.packageDir).toMatch(/[0-9a-f]{64}[/\\]sample$/);
    expect(remote.packageDir.startsWith(cacheDir)).toBe(true);
    expect(await readManifest(remote.packageDir)).toEqual(remote.manifest);
    expect((await locatePackage('sample', settings({ sample: placed }), s3)).packageDir).toBe(placed);
    expect((await locatePackage('sample', settings(), s3)).packageDir).toBe(packageDir);
  });

  test('that the small model answers too has a second name, and the folder keeps the first', async () => {
    const located = await locatePackage('sample.heavy', settings({ 'sample.heavy': packageDir }), s3);

    expect(located).toMatchObject({ packageDir, manifest: { name: 'sample' } });
  });

  test('in a folder that was renamed is an error that says so', async () => {
    const renamed = join(folder, 'models', 'remote');
    await cp(packageDir, renamed, { recursive: true });

    await expect(locatePackage('remote', settings(), s3)).rejects.toThrow(
      'the folder is named remote, but it holds the package sample. Rename the folder back',
    );
  });

  test('that is in S3 under the name of another is an error that says so', async () => {
    const locating = locatePackage('remote', settings({ remote: files }), s3);

    await expect(locating).rejects.toThrow(PackageDownloadError);
    await expect(locating).rejects.toThrow('the files of remote are those of the package sample');
  });

  test('that is not served is an error with the names that are', async () => {
    await expect(locatePackage('constructor', settings(), s3)).rejects.toThrow(UnknownModelError);
    await expect(locatePackage('vgg16', settings(), s3)).rejects.toThrow('sample, sample.heavy, remote');
  });
});

test('a file that is larger than the whole disk is told of at once, and its connection is closed', async () => {
  const bodies: Readable[] = [];
  const send = async () => {
    const Body = Readable.from(['']);
    bodies.push(Body);
    return { Body, ContentLength: Number.MAX_SAFE_INTEGER };
  };
  const client = { send } as unknown as S3Client;
  const fetching = fetchPackage(client, 'sample', files, cacheDir);

  await expect(fetching).rejects.toThrow(PackageDownloadError);
  await expect(fetching).rejects.toThrow(
    /the file has 9007199254740991 bytes, and the whole disk of AUTOSWIFTNET_MODEL_CACHE only \d+\. Give the machines a larger disk/,
  );
  expect(bodies.map(({ destroyed }) => destroyed)).toEqual([true]);
  expect(await readdir(cacheDir)).toEqual([]);
});
