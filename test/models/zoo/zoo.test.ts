import { DEFAULT_SMALL_MODEL } from '../../../functions/environment.ts';
import { findZooModel, NotInZooError, ZOO } from '../../../models/zoo/zoo.ts';

const NAMES = ['resnet18', 'resnet50', 'resnext50_32x4d', 'resnext101_32x4d', 'resnext101_32x8d', 'resnext101_32x16d'];

/**
 * Computes the number of weights of a ResNet or ResNeXt as torchvision builds it, and its
 * multiply-accumulates at 224 x 224, both only from depths and widths.
 */
function countsOf(blocks: readonly number[], isBottleneck: boolean, groups: number, widthOfGroup: number) {
  let [parameters, macs] = [0, 0];
  const convolution = (from: number, to: number, kernel: number, side: number, inGroups = 1): void => {
    const weights = (to * from * kernel * kernel) / inGroups;
    parameters += weights + 2 * to;
    macs += weights * side * side;
  };
  convolution(3, 64, 7, 112);
  const expansion = isBottleneck ? 4 : 1;
  let channels = 64;
  blocks.forEach((count, stage) => {
    const planes = 64 * 2 ** stage;
    const out = planes * expansion;
    const side = 56 / 2 ** stage;
    for (let block = 0; block < count; block += 1) {
      const sideIn = block === 0 && stage > 0 ? side * 2 : side;
      if (block === 0 && channels !== out) convolution(channels, out, 1, side);
      if (isBottleneck) {
        const width = (planes / 64) * widthOfGroup * groups;
        convolution(channels, width, 1, sideIn);
        convolution(width, width, 3, side, groups);
        convolution(width, out, 1, side);
      } else {
        convolution(channels, planes, 3, side);
        convolution(planes, planes, 3, side);
      }
      channels = out;
    }
  });
  return { parameters: parameters + channels * 1000 + 1000, macs: macs + channels * 1000 };
}

test('the twelve models have torch.hub names and different files', () => {
  expect(ZOO.map(({ name }) => name)).toEqual(
    ['ssl', 'swsl'].flatMap((kind) => NAMES.map((name) => `${name}_${kind}`)),
  );
  expect(new Set(ZOO.map(({ url }) => url)).size).toBe(12);
  expect(new Set(ZOO.map(({ sha256Prefix }) => sha256Prefix)).size).toBe(12);
});

test("a model's file name, checksum and URL agree", () => {
  for (const { name, supervision, url, fileName, sha256Prefix } of ZOO) {
    expect(fileName).toMatch(/^semi_(weakly_)?supervised_resne(x?)t\d+(_32x\d+)?-[0-9a-f]{8}\.pth$/);
    expect(fileName).toContain(`-${sha256Prefix}.pth`);
    expect(fileName.includes('weakly')).toBe(supervision === 'swsl');
    expect(fileName).toContain(name.replace(/d?_s?w?sl$/, '-'));
    expect(url).toBe(`https://dl.fbaipublicfiles.com/semiweaksupervision/model_files/${fileName}`);
  }
});

test.each([
  ['resnet18', [2, 2, 2, 2], false, 1, 64],
  ['resnet50', [3, 4, 6, 3], true, 1, 64],
  ['resnext50_32x4d', [3, 4, 6, 3], true, 32, 4],
  ['resnext101_32x4d', [3, 4, 23, 3], true, 32, 4],
  ['resnext101_32x8d', [3, 4, 23, 3], true, 32, 8],
  ['resnext101_32x16d', [3, 4, 23, 3], true, 32, 16],
])('%s: parameters and multiply-accumulates are those of the network', (architecture, ...network) => {
  const counts = countsOf(...network);

  for (const model of ZOO.filter((row) => row.architecture === architecture)) {
    expect(model).toMatchObject(counts);
    // Four bytes per weight, and little else.
    expect(model.checkpointBytes / (4 * model.parameters)).toBeGreaterThan(1);
    expect(model.checkpointBytes / (4 * model.parameters)).toBeLessThan(1.01);
  }
});

test('measured accuracy is close to the published one, except for the largest SWSL model', () => {
  for (const model of ZOO) {
    const gap = model.publishedTop1 - model.measuredTop1;
    if (model.name === 'resnext101_32x16d_swsl') expect(gap).toBeCloseTo(1.46, 5);
    else expect(Math.abs(gap)).toBeLessThan(0.2);
    expect(model.publishedTop5).toBeGreaterThan(model.publishedTop1);
    expect(model.measuredTop5).toBeGreaterThan(model.measuredTop1);
  }
});

test('a model is found by its name, and the error for another name lists the names', () => {
  expect(findZooModel('resnet50_swsl')).toMatchObject({ architecture: 'resnet50', publishedTop1: 81.2 });
  expect(() => findZooModel('resnet50')).toThrow(NotInZooError);
  expect(() => findZooModel('resnet50')).toThrow(/'resnet50'.*resnet50_ssl.*resnext101_32x16d_swsl/);
});

test('the default small model is one of them, in int8', () => {
  expect(DEFAULT_SMALL_MODEL).toMatch(/\.int8$/);
  expect(findZooModel(DEFAULT_SMALL_MODEL.replace(/\.int8$/, '')).license).toBe('CC BY-NC 4.0');
});
