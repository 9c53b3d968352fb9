/**
 * Runs a package on crops: `int8-cpus-child.mjs PACKAGE CROPS OUT`, uint8 [N, 224, 224, 3] to float32 [N, classes]. Plain JavaScript and
 * onnxruntime-node alone, for it also runs in processes that are emulated; opened as classifier/session.ts does.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const { InferenceSession, Tensor } = createRequire(import.meta.url)('onnxruntime-node');

const CROP_BYTES = 224 * 224 * 3;
const [packageDir, cropsFile, out] = process.argv.slice(2);
const crops = readFileSync(cropsFile);
const session = await InferenceSession.create(join(packageDir, 'model.onnx'), {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  graphOptimizationLevel: 'all',
  logSeverityLevel: 3,
});
const parts = [];
for (let start = 0; start < crops.length; start += CROP_BYTES) {
  const pixels = new Uint8Array(crops.subarray(start, start + CROP_BYTES));
  const { logits } = await session.run({ image: new Tensor('uint8', pixels, [1, 224, 224, 3]) }, ['logits']);
  parts.push(Buffer.from(logits.data.buffer, logits.data.byteOffset, logits.data.byteLength));
}
writeFileSync(out, Buffer.concat(parts));
