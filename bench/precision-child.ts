/** One measurement of bench/precision.ts in a process of its own: `precision-child.ts PACKAGE OPTIMIZATION RUNS`. Prints one line of JSON. */
import { readFileSync } from 'node:fs';
import { argv, cpuUsage, stdout } from 'node:process';
import { readManifest } from '../functions/classifier/manifest.ts';
import { selfTestImage } from '../functions/classifier/self-test.ts';
import { type Optimization, openSession } from '../functions/classifier/session.ts';

const [, , packageDir = '', optimization = 'all', runs = '10'] = argv;
const manifest = await readManifest(packageDir);
const image = selfTestImage(3);

const opened = cpuUsage();
const session = await openSession(packageDir, manifest, {
  threads: 1,
  optimization: optimization as Optimization,
  selfTest: false,
});
const openCpuMs = milliseconds(cpuUsage(opened));
for (let warm = 0; warm < 2; warm += 1) await session.run(image, 1);
const times: number[] = [];
for (let run = 0; run < Number(runs); run += 1) {
  const start = cpuUsage();
  await session.run(image, 1);
  times.push(milliseconds(cpuUsage(start)));
}
const status = readFileSync('/proc/self/status', 'utf8');
const megabytes = (field: string) => Math.round(Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024);
await session.release();
const runCpuMs = times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)];
stdout.write(
  `${JSON.stringify({ openCpuMs, runCpuMs, residentMb: megabytes('VmRSS'), anonymousMb: megabytes('RssAnon') })}\n`,
);

function milliseconds({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000;
}
