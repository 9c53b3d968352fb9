import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { writeOrdinaryOnnx } from '../../../bench/peers/ordinary-onnx.ts';
import { readManifest } from '../../../classifier/manifest.ts';
import { selfTestImage } from '../../../classifier/self-test.ts';
import { convertCheckpoint } from '../../../models/convert.ts';
import { writeLegacyCheckpoint } from '../../models/checkpoint/write-legacy.ts';
import { randomNetwork, TINY_BOTTLENECK } from '../../models/graph/random-network.ts';

const MEAN = [0.485, 0.456, 0.406];
const STD = [0.229, 0.224, 0.225];
const SIDE = 224;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ordinary-onnx-'));
});

afterAll(() => rm(folder, { recursive: true }));

test("the peers' file gives the package's logits for normalised planes, within 1e-4 of their spread", async () => {
  const checkpoint = join(folder, 'random.pth');
  const packageDir = join(folder, 'random');
  await writeLegacyCheckpoint(checkpoint, randomNetwork(TINY_BOTTLENECK));
  await convertCheckpoint({ checkpoint, out: packageDir });
  const file = join(folder, 'model.onnx');
  const { selfTest } = await readManifest(packageDir);

  await writeOrdinaryOnnx(packageDir, file);

  const session = await InferenceSession.create(file, { logSeverityLevel: 3 });
  const image = selfTestImage(selfTest.seed);
  const planes = Float32Array.from({ length: image.length }, (_, at) => {
    const [channel, pixel] = [Math.floor(at / SIDE ** 2), at % SIDE ** 2];
    const byte = image[pixel * 3 + channel] ?? Number.NaN;
    return (byte / 255 - (MEAN[channel] ?? 0)) / (STD[channel] ?? 1);
  });
  const outputs = await session.run({ pixel_values: new Tensor('float32', planes, [1, 3, SIDE, SIDE]) });
  await session.release();
  const found = [...((outputs['logits'] as Tensor).data as Float32Array)];
  const spread = Math.max(...selfTest.logits) - Math.min(...selfTest.logits);
  const largest = Math.max(...found.map((logit, index) => Math.abs(logit - (selfTest.logits[index] ?? Number.NaN))));
  expect(found).toHaveLength(selfTest.logits.length);
  expect(largest / spread).toBeLessThan(1e-4);
});
