import type { Block, BlockKind, Convolution } from './architecture.ts';

interface NamedNetwork {
  readonly name: string;
  readonly kind: BlockKind;
  /** Number of blocks in each of the four stages. */
  readonly depth: readonly [number, number, number, number];
  readonly groups: number;
  /** Channels of a group in the 3x3 convolutions of the first stage. */
  readonly widthPerGroup: number;
}

/** Channels of torchvision's stem, and of the blocks of a stage before they are expanded. */
const STEM_CHANNELS = 64;
const STAGE_CHANNELS = [64, 128, 256, 512] as const;
const EXPANSION = { basic: 1, bottleneck: 4 } as const;

/** The networks that torchvision.models.resnet can build; the released models are among them. */
const NETWORKS: readonly NamedNetwork[] = [
  { name: 'resnet18', kind: 'basic', depth: [2, 2, 2, 2], groups: 1, widthPerGroup: 64 },
  { name: 'resnet34', kind: 'basic', depth: [3, 4, 6, 3], groups: 1, widthPerGroup: 64 },
  { name: 'resnet50', kind: 'bottleneck', depth: [3, 4, 6, 3], groups: 1, widthPerGroup: 64 },
  { name: 'resnet101', kind: 'bottleneck', depth: [3, 4, 23, 3], groups: 1, widthPerGroup: 64 },
  { name: 'resnet152', kind: 'bottleneck', depth: [3, 8, 36, 3], groups: 1, widthPerGroup: 64 },
  { name: 'resnext50_32x4d', kind: 'bottleneck', depth: [3, 4, 6, 3], groups: 32, widthPerGroup: 4 },
  { name: 'resnext101_32x4d', kind: 'bottleneck', depth: [3, 4, 23, 3], groups: 32, widthPerGroup: 4 },
  { name: 'resnext101_32x8d', kind: 'bottleneck', depth: [3, 4, 23, 3], groups: 32, widthPerGroup: 8 },
  { name: 'resnext101_32x16d', kind: 'bottleneck', depth: [3, 4, 23, 3], groups: 32, widthPerGroup: 16 },
];

/**
 * Returns torchvision's name when depth and all widths are those of one of its networks; otherwise
 * `resnext` with groups and `resnet` without.
 */
export function nameArchitecture(kind: BlockKind, stem: Convolution, stages: readonly (readonly Block[])[]): string {
  const named = NETWORKS.find((network) => network.kind === kind && isNetwork(network, stem, stages));
  const isGrouped = stages.flat().some(({ convolutions }) => convolutions.some(({ groups }) => groups > 1));
  return named?.name ?? (isGrouped ? 'resnext' : 'resnet');
}

function isNetwork(network: NamedNetwork, stem: Convolution, stages: readonly (readonly Block[])[]): boolean {
  const { kind, depth, groups, widthPerGroup } = network;
  if (stem.shape[0] !== STEM_CHANNELS) return false;
  return stages.every((blocks, stage) => {
    const channels = STAGE_CHANNELS[stage] ?? 0;
    const inner = kind === 'basic' ? channels : (channels / STAGE_CHANNELS[0]) * widthPerGroup * groups;
    const outer = channels * EXPANSION[kind];
    return (
      blocks.length === depth[stage] &&
      blocks.every(({ convolutions, projection }, index) => {
        const needsProjection = index === 0 && (stage > 0 || outer !== STEM_CHANNELS);
        return (
          (projection !== null) === needsProjection &&
          convolutions.at(-1)?.shape[0] === outer &&
          convolutions.slice(0, -1).every(({ shape }) => shape[0] === inner) &&
          (kind === 'basic' || convolutions[1]?.groups === groups)
        );
      })
    );
  });
}
