import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { chooseModel, ModelNotFoundError, type ModelRequest } from '../../cli/choose-model.ts';
import { DownloadError } from '../../models/download/errors.ts';

let modelsDir: string;
let said: string[];

beforeEach(async () => {
  modelsDir = await mkdtemp(join(tmpdir(), 'asn-choose-'));
  said = [];
});

afterEach(() => rm(modelsDir, { recursive: true }));

function choose(changes: Partial<ModelRequest> = {}): Promise<string> {
  return chooseModel({
    requestedModel: undefined,
    modelsDir,
    offline: false,
    say: (line) => said.push(line),
    fetch: () => Promise.reject(new Error('nothing should be fetched')),
    ensureSample: (folder) => Promise.resolve(join(folder, 'sample')),
    ...changes,
  });
}

async function putPackage(name: string): Promise<string> {
  const packageDir = join(modelsDir, name);
  await mkdir(packageDir);
  await writeFile(join(packageDir, 'model.json'), '{}');
  return packageDir;
}

describe('without a name', () => {
  test('it is resnet50_swsl.int8, if it is on disk', async () => {
    const packageDir = await putPackage('resnet50_swsl.int8');

    expect(await choose()).toBe(packageDir);
    expect(said).toEqual([]);
  });

  test('it is made from resnet50_swsl if that is on disk, offline too', async () => {
    await putPackage('resnet50_swsl');
    const made = join(modelsDir, 'resnet50_swsl.int8');

    expect(await choose({ offline: true, fetch: () => Promise.resolve({ packageDir: made }) })).toBe(made);
    expect(said).toEqual([expect.stringContaining('making resnet50_swsl.int8 from resnet50_swsl')]);
  });

  test('it is downloaded after size and licence were printed, with 5 s to the first byte and one attempt', async () => {
    const packageDir = join(modelsDir, 'resnet50_swsl.int8');

    const chosen = await choose({
      fetch: ({ model, precision, patience }) => {
        expect(said).toEqual([
          expect.stringMatching(
            /resnet50_swsl to \S*asn-choose-\w+: 102 MB, licence CC BY-NC 4\.0 \(no commercial use\)/,
          ),
        ]);
        expect({ name: model.name, precision, patience }).toMatchObject({
          name: 'resnet50_swsl',
          precision: 'int8',
          patience: { firstByteTimeoutMs: 5_000, retries: 0 },
        });
        return Promise.resolve({ packageDir });
      },
    });

    expect(chosen).toBe(packageDir);
    expect(said).toHaveLength(1);
  });

  test('it is the sample model if the download fails, and the user is told which model and why', async () => {
    const chosen = await choose({
      fetch: () => Promise.reject(new DownloadError('https://x: nothing arrived for 5 s', { transient: true })),
    });

    expect(chosen).toBe(join(modelsDir, 'sample'));
    expect(said[1]).toMatch(
      /^using the sample model.*resnet50_swsl\.int8 is not on disk: https:\/\/x: nothing arrived for 5 s$/,
    );
  });

  test('it is the sample model, without a download attempt, if downloads are forbidden', async () => {
    expect(await choose({ offline: true })).toBe(join(modelsDir, 'sample'));
    expect(said).toEqual([
      expect.stringContaining('AUTOSWIFTNET_OFFLINE=1 forbids'),
      `saved the sample model in ${join(modelsDir, 'sample')}`,
    ]);
  });

  test('a bug is not hidden by the sample model', async () => {
    await expect(choose()).rejects.toThrow('nothing should be fetched');
  });
});

describe('with a name', () => {
  test('it is the package of that name, or the folder', async () => {
    const packageDir = await putPackage('own');

    expect(await choose({ requestedModel: 'own' })).toBe(packageDir);
    expect(await choose({ requestedModel: packageDir })).toBe(packageDir);
    expect(await choose({ requestedModel: relative(process.cwd(), packageDir) })).toBe(packageDir);
    expect(said).toEqual([]);
  });

  test('the sample model is always there, and the user is told once where it was saved', async () => {
    const packageDir = join(modelsDir, 'sample');
    const ensureSample = () => putPackage('sample');

    expect(await choose({ requestedModel: 'sample', ensureSample })).toBe(packageDir);
    expect(await choose({ requestedModel: 'sample' })).toBe(packageDir);
    expect(said).toEqual([`saved the sample model in ${packageDir}`]);
  });

  test('a released model that is not on disk is not replaced by another model; the error says how to download it', async () => {
    await expect(choose({ requestedModel: 'resnet18_swsl' })).rejects.toThrow(
      /autoswiftnet models fetch resnet18_swsl/,
    );
  });

  test.each(['nothing', '..', '', '/nowhere/at/all', 'no\u0000such'])(
    '%j is an error that lists the known names',
    async (requestedModel) => {
      await putPackage('broken');

      await expect(choose({ requestedModel })).rejects.toThrow(ModelNotFoundError);
      await expect(choose({ requestedModel })).rejects.toThrow(/one of these names: sample\./);
    },
  );
});
