import { AutoSwiftNetError } from '../../classifier/errors.ts';

/**
 * One of the twelve released models. Accuracies are percent on ImageNet's 50,000 validation images.
 */
export interface ZooModel {
  /** torch.hub's name, which is also the name of the package folder. */
  readonly name: string;
  readonly architecture: string;
  readonly supervision: 'ssl' | 'swsl';
  readonly parameters: number;
  /** Multiply-accumulates for one 224 x 224 image, only in convolutions and the last layer. */
  readonly macs: number;
  readonly url: string;
  readonly fileName: string;
  /**
   * The first hex digits of the file's SHA-256. The authors put eight of them into each file name.
   */
  readonly sha256Prefix: string;
  /**
   * Size of the checkpoint as timm documents it, shown to the user and used to limit a download.
   * Only the checksum decides whether the file is right.
   */
  readonly checkpointBytes: number;
  /** The accuracy that the authors published. */
  readonly publishedTop1: number;
  readonly publishedTop5: number;
  /**
   * The accuracy that timm measured (results-imagenet.csv of 2026-08-08: 224 px, crop 0.875,
   * bilinear).
   */
  readonly measuredTop1: number;
  readonly measuredTop5: number;
  readonly license: string;
}

interface Network {
  readonly parameters: number;
  readonly macs: number;
  readonly checkpointBytes: number;
}

type Accuracy = readonly [top1: number, top5: number];

const BASE_URL = 'https://dl.fbaipublicfiles.com/semiweaksupervision/model_files/';

/** The licence of the weights, from the authors' LICENSE file. This code has another licence. */
export const ZOO_LICENSE = 'CC BY-NC 4.0';
export const ZOO_LICENSE_URL = 'https://creativecommons.org/licenses/by-nc/4.0/';

/** Facts about the networks. The file sizes are from the model index of timm's documentation. */
const NETWORKS = {
  resnet18: { parameters: 11_689_512, macs: 1_814_073_344, checkpointBytes: 46_811_375 },
  resnet50: { parameters: 25_557_032, macs: 4_089_184_256, checkpointBytes: 102_480_594 },
  resnext50_32x4d: { parameters: 25_028_904, macs: 4_230_479_872, checkpointBytes: 100_428_550 },
  resnext101_32x4d: { parameters: 44_177_704, macs: 7_969_996_800, checkpointBytes: 177_341_913 },
  resnext101_32x8d: { parameters: 88_791_336, macs: 16_414_015_488, checkpointBytes: 356_056_638 },
  resnext101_32x16d: { parameters: 194_026_792, macs: 36_163_289_088, checkpointBytes: 777_518_664 },
} satisfies Record<string, Network>;

/**
 * The twelve models of "Billion-scale semi-supervised learning for image classification" (arXiv
 * 1905.00546): first SSL, then SWSL, each from small to large. File names and published figures are
 * from facebookresearch/semi-supervised-ImageNet1K-models, hubconf.py and README.md.
 */
export const ZOO: readonly ZooModel[] = [
  row('resnet18', 'ssl', 'd92f0530', [72.8, 91.5], [72.636, 91.416]),
  row('resnet50', 'ssl', '08389792', [79.3, 94.9], [79.252, 94.826]),
  row('resnext50_32x4d', 'ssl', 'ddb3e555', [80.3, 95.4], [80.316, 95.386]),
  row('resnext101_32x4d', 'ssl', 'dc43570a', [81.0, 95.7], [80.936, 95.732]),
  row('resnext101_32x8d', 'ssl', '2cfe2f8b', [81.7, 96.1], [81.62, 96.036]),
  row('resnext101_32x16d', 'ssl', '15fffa57', [81.9, 96.2], [81.856, 96.084]),
  row('resnet18', 'swsl', '118f1556', [73.4, 91.9], [73.286, 91.754]),
  row('resnet50', 'swsl', '16a12f1b', [81.2, 96.0], [81.146, 95.98]),
  row('resnext50_32x4d', 'swsl', '72679e44', [82.2, 96.3], [82.162, 96.224]),
  row('resnext101_32x4d', 'swsl', '3f87e46b', [83.4, 96.8], [83.268, 96.76]),
  row('resnext101_32x8d', 'swsl', 'b4712904', [84.3, 97.2], [84.276, 97.188]),
  row('resnext101_32x16d', 'swsl', 'f3559a9c', [84.8, 97.4], [83.34, 96.844]),
];

/** There is no released model of that name. */
export class NotInZooError extends AutoSwiftNetError {
  constructor(name: string) {
    super(`there is no released model '${name}'. Choose one of ${ZOO.map((model) => model.name).join(', ')}.`, {
      code: 'unknown-model',
      status: 404,
    });
  }
}

/**
 * Returns the released model of that name.
 * @throws {NotInZooError} listing the names that exist
 */
export function findZooModel(name: string): ZooModel {
  const model = ZOO.find((candidate) => candidate.name === name);
  if (!model) throw new NotInZooError(name);
  return model;
}

function row(
  architecture: keyof typeof NETWORKS,
  supervision: 'ssl' | 'swsl',
  sha256Prefix: string,
  [publishedTop1, publishedTop5]: Accuracy,
  [measuredTop1, measuredTop5]: Accuracy,
): ZooModel {
  const released = supervision === 'ssl' ? 'semi_supervised' : 'semi_weakly_supervised';
  // File names have the width without the d: resnext101_32x8 for resnext101_32x8d.
  const fileName = `${released}_${architecture.replace(/d$/, '')}-${sha256Prefix}.pth`;
  return {
    name: `${architecture}_${supervision}`,
    architecture,
    supervision,
    ...NETWORKS[architecture],
    url: BASE_URL + fileName,
    fileName,
    sha256Prefix,
    publishedTop1,
    publishedTop5,
    measuredTop1,
    measuredTop5,
    license: ZOO_LICENSE,
  };
}
