/**
 * Runs a package on crops, uint8 [N, 224, 224, 3], and writes the logits, float32 [N, classes].
 *
 *   int8-cpus-child.mjs PACKAGE CROPS OUT
 *
 * It is plain JavaScript and uses only onnxruntime-node, because it also runs on emulated
 * processors. The session has the same options as in classifier/session.ts.
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
