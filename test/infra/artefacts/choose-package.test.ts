import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError } from '../../../functions/errors.ts';
import { choosePackage } from '../../../infra/artefacts/choose-package.ts';
import { convertCheckpoint } from '../../../models/convert.ts';
import { ensureSamplePackage, SAMPLE_CHECKPOINT } from '../../../models/sample/sample.ts';

let modelsDir: string;

beforeAll(async () => {
  modelsDir = mkdtempSync(join(tmpdir(), 'choose-'));
  await convertCheckpoint({ checkpoint: SAMPLE_CHECKPOINT, out: join(modelsDir, 'resnet18_swsl') });
});

afterAll(() => rmSync(modelsDir, { recursive: true }));

function choose(
  requestedModel: string | undefined,
  preferred = 'resnet50_swsl',
  key: 'model' | 'heavyModel' = 'model',
) {
  return choosePackage({ key, requestedModel, preferred, modelsDir });
}

test('the preferred model is taken when it is on disk', async () => {
  expect(await choose(undefined, 'resnet18_swsl')).toMatchObject({ name: 'resnet18_swsl', notice: null });
});

test('otherwise the sample model is taken, with a notice that names the command', async () => {
  const { name, notice } = await choose(undefined);

  expect(name).toBe('sample');
  expect(notice).toMatch(
    /^model: resnet50_swsl is not in .*To deploy resnet50_swsl, run npx autoswiftnet models fetch resnet50_swsl and synthesize again\.$/,
  );
});

test('the notice names the precision of the preferred package', async () => {
  const { notice } = await choose(undefined, 'resnet50_swsl.int8');

  expect(notice).toContain('npx autoswiftnet models fetch resnet50_swsl --precision int8 and');
});

test('the sample model can be chosen, without a notice', async () => {
  expect(await choose('sample')).toMatchObject({ name: 'sample', notice: null });
});

test('a named model that is on disk is taken', async () => {
  expect(await choose('resnet18_swsl')).toMatchObject({ name: 'resnet18_swsl', notice: null });
});

test.each([
  [
    'resnet50_ssl',
    /^model: resnet50_ssl is not in .*\. Download it with npx autoswiftnet models fetch resnet50_ssl\.$/,
  ],
  ['resnet50_ssl.int8', /models fetch resnet50_ssl --precision int8\.$/],
  ['inception', /^model: there is no model inception, .* choose one of sample, resnet18_ssl, /],
  ['resnext101_32x8d_swsl', /has 355\.2 MB of weights, but Lambda unpacks at most 262\.1 MB\. Deploy it as heavyModel/],
  ['resnext101_32x16d_swsl.fp16', /has 388\.1 MB of weights/],
])('a named model %s that cannot be deployed is refused in one line', async (requestedModel, message) => {
  const choosing = choose(requestedModel);

  await expect(choosing).rejects.toThrow(ConfigurationError);
  await expect(choosing).rejects.toThrow(message);
});

test('as heavy model, a large model is only refused because it is not on disk', async () => {
  await expect(choose('resnext101_32x8d_swsl', 'any', 'heavyModel')).rejects.toThrow(
    /^heavyModel: resnext101_32x8d_swsl is not in .*models fetch resnext101_32x8d_swsl\.$/,
  );
});

test('a package whose folder was renamed is not deployed under its new name', async () => {
  const other = mkdtempSync(join(tmpdir(), 'choose-'));
  renameSync(await ensureSamplePackage(other), join(other, 'mine'));

  await expect(
    choosePackage({ key: 'model', requestedModel: 'mine', preferred: 'sample', modelsDir: other }),
  ).rejects.toThrow('the folder is named mine, but it holds the package sample');
  rmSync(other, { recursive: true });
});
