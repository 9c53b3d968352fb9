import { mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { InvalidPackageError } from '../../../classifier/errors.ts';
import { ConfigurationError } from '../../../functions/errors.ts';
import { layerCacheDir } from '../../../infra/artefacts/layer-cache.ts';
import { ModelPackage } from '../../../infra/artefacts/model-package.ts';
import { preparedCode } from '../../../infra/artefacts/prepared-code.ts';
import { WorkerImage } from '../../../infra/artefacts/worker-image.ts';
import { ensureSamplePackage } from '../../../models/sample/sample.ts';

let folder: string;
let sample: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'model-package-'));
  sample = await ensureSamplePackage(folder);
});

afterAll(() => rmSync(folder, { recursive: true }));

test('a package is read from its folder, relative to the working directory', () => {
  const model = ModelPackage.fromFolder(relative(process.cwd(), sample));

  expect(model).toMatchObject({ name: 'sample', packageDir: sample });
  expect(Object.keys(model.hashes).sort()).toEqual(['hierarchy.json', 'model.json', 'model.onnx', 'weights.bin']);
});

test('a folder that is no package is refused', () => {
  expect(() => ModelPackage.fromFolder(folder)).toThrow(InvalidPackageError);
});

test('in a clone, what the npm package brings is missing, and the error says where to get it', () => {
  for (const use of [ModelPackage.sample, preparedCode]) {
    expect(use).toThrow(ConfigurationError);
    expect(use).toThrow(/is missing.*npm run build and npm pack .\/dist/);
  }
});

test('layers are kept in the cache of the user, outside of any project', () => {
  expect(layerCacheDir({ XDG_CACHE_HOME: '/var/my-cache' })).toBe('/var/my-cache/autoswiftnet/layers');
  expect(layerCacheDir({ XDG_CACHE_HOME: 'relative' })).toBe(join(homedir(), '.cache/autoswiftnet/layers'));
  expect(layerCacheDir({})).toBe(join(homedir(), '.cache/autoswiftnet/layers'));
});

test.each([
  ['a name without a tag', () => WorkerImage.fromUri('123456789012.dkr.ecr.eu-west-1.amazonaws.com/worker')],
  ['an image of another registry', () => WorkerImage.fromUri('docker.io/library/node:24')],
  ['a folder without a Dockerfile', () => WorkerImage.fromFolder(folder)],
])("the worker's image cannot be %s", (_, make) => {
  expect(make).toThrow(ConfigurationError);
  expect(make).toThrow("the worker's image");
});
