/**
 * One measurement of bench/precision.ts in a process of its own. It prints one line of JSON.
 *
 *   precision-child.ts PACKAGE OPTIONS RUNS FIRST
 *
 * OPTIONS are JSON. FIRST is a small package that is opened and closed before, because the library
 * initialises itself with the first session.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, stdout } from 'node:process';
import { selfTestImage } from '../classifier/self-test.ts';
import { startProcessorClock } from '../test/processor-time.ts';
import { median } from './measure.ts';

const [, , packageDir = '', options = '{}', runs = '10', first = ''] = argv;
const loadingMs = startProcessorClock();
const { InferenceSession, Tensor } = await import('onnxruntime-node');
await (await InferenceSession.create(join(first, 'model.onnx'), { graphOptimizationLevel: 'disabled' })).release();
const loadCpuMs = loadingMs();
const image = new Tensor('uint8', selfTestImage(3), [1, 224, 224, 3]);

const openingMs = startProcessorClock();
const session = await InferenceSession.create(join(packageDir, 'model.onnx'), JSON.parse(options));
const openCpuMs = openingMs();
for (let warm = 0; warm < 2; warm += 1) await session.run({ image }, ['logits']);
const times: number[] = [];
for (let run = 0; run < Number(runs); run += 1) {
  const runMs = startProcessorClock();
  await session.run({ image }, ['logits']);
  times.push(runMs());
}
const status = readFileSync('/proc/self/status', 'utf8');
const megabytes = (field: string) => Math.round(Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024);
await session.release();
const runCpuMs = median(times);
const [residentMb, anonymousMb] = [megabytes('VmRSS'), megabytes('RssAnon')];
stdout.write(`${JSON.stringify({ loadCpuMs, openCpuMs, runCpuMs, residentMb, anonymousMb })}\n`);
