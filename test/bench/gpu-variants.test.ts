import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REFERENCE_IMAGES, referencePixels } from '../../bench/gpu-case.ts';
import type { Variant } from '../../bench/gpu-variant-graph.ts';
import { VARIANTS, variantFolder, writeVariant } from '../../bench/gpu-variants.ts';
import { readManifest } from '../../classifier/manifest.ts';
import { openSession } from '../../classifier/session.ts';
import { convertCheckpoint } from '../../models/convert.ts';
import { type FloatPackage, openFloatPackage } from '../../models/package/read-float-package.ts';
import { writeLegacyCheckpoint } from '../models/checkpoint/write-legacy.ts';
import { randomNetwork, TINY_BASIC, TINY_BOTTLENECK } from '../models/graph/random-network.ts';

let folder: string;
let float: FloatPackage;
let expected: { logits: Float32Array; features: Float32Array };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-variants-'));
  float = await convert('bottleneck', TINY_BOTTLENECK);
  expected = await run(float.path);
});

afterAll(async () => {
  await float.close();
  await rm(folder, { recursive: true, force: true });
});

async function convert(name: string, shape: typeof TINY_BASIC): Promise<FloatPackage> {
  const checkpoint = join(folder, `${name}.pth`);
  await writeLegacyCheckpoint(checkpoint, randomNetwork(shape));
  await convertCheckpoint({ checkpoint, out: join(folder, name) });
  return openFloatPackage(join(folder, name));
}

async function run(path: string) {
  const session = await openSession(path, await readManifest(path), { selfTest: false });
  const outputs = await session.runWithFeatures(referencePixels(), REFERENCE_IMAGES);
  await session.release();
  return outputs;
}

/** The largest difference as a share of the range. */
function difference(one: Float32Array, other: Float32Array): number {
  const range = Math.max(...other) - Math.min(...other);
  return Math.max(...one.map((value, index) => Math.abs(value - (other[index] ?? 0)))) / range;
}

test.each(VARIANTS.map((variant) => [variant.name, variant] as const))(
  '%s computes the network, seen where its own nodes are standard nodes between transposes',
  async (_, variant) => {
    const path = variantFolder(folder, 'bottleneck', variant);
    await writeVariant(
      float,
      path,
      { ...variant, ...(variant.mergedWidth ? { mergedWidth: 4 } : {}) },
      { standard: true },
    );
    const { logits, features } = await run(path);

    // Half precision has 11 bits; a wrong layout or bias changes a logit by much of the range.
    expect(difference(logits, expected.logits)).toBeLessThan(0.005);
    expect(difference(features, expected.features)).toBeLessThan(0.005);
  },
);

test('a network of blocks that the variants do not cover is refused', async () => {
  const basic = await convert('basic', TINY_BASIC);
  const write = writeVariant(basic, join(folder, 'refused'), VARIANTS[0] as Variant);
  await expect(write).rejects.toThrow('expected blocks of three convolutions, layer1.0 has 2');
  await basic.close();
});
