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
import { argv, cpuUsage, stdout } from 'node:process';
import { selfTestImage } from '../classifier/self-test.ts';
import { cpuMsSince, median } from './measure.ts';

const [, , packageDir = '', options = '{}', runs = '10', first = ''] = argv;
const startedLoading = cpuUsage();
const { InferenceSession, Tensor } = await import('onnxruntime-node');
await (await InferenceSession.create(join(first, 'model.onnx'), { graphOptimizationLevel: 'disabled' })).release();
const loadCpuMs = cpuMsSince(startedLoading);
const image = new Tensor('uint8', selfTestImage(3), [1, 224, 224, 3]);

const opened = cpuUsage();
const session = await InferenceSession.create(join(packageDir, 'model.onnx'), JSON.parse(options));
const openCpuMs = cpuMsSince(opened);
for (let warm = 0; warm < 2; warm += 1) await session.run({ image }, ['logits']);
const times: number[] = [];
for (let run = 0; run < Number(runs); run += 1) {
  const start = cpuUsage();
  await session.run({ image }, ['logits']);
  times.push(cpuMsSince(start));
}
const status = readFileSync('/proc/self/status', 'utf8');
const megabytes = (field: string) => Math.round(Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024);
await session.release();
const runCpuMs = median(times);
const [residentMb, anonymousMb] = [megabytes('VmRSS'), megabytes('RssAnon')];
stdout.write(`${JSON.stringify({ loadCpuMs, openCpuMs, runCpuMs, residentMb, anonymousMb })}\n`);
