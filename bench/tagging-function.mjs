/**
 * One instance of a bundled function: `tagging-function.mjs BUNDLE`. It handles each event that its
 * parent sends, and answers with the milliseconds and the processor time that this took.
 *
 * It is plain JavaScript, so that nothing but the bundle uses memory and processor.
 */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

process.on('disconnect', () => process.exit());
const { handler } = await import(pathToFileURL(process.argv[2]).href);
process.send({ kind: 'ready', startedCpuMs: startedCpuMs() });

process.on('message', async (event) => {
  const context = { awsRequestId: '0', functionName: 'tag-upload', getRemainingTimeInMillis: () => 900_000 };
  const cpu = process.cpuUsage();
  const start = performance.now();
  const { batchItemFailures } = await handler(event, context);
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  const peakMb = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;
  process.send({
    kind: 'done',
    wallMs,
    cpuMs: (user + system) / 1000,
    startedCpuMs: startedCpuMs(),
    peakMb,
    failures: batchItemFailures.length,
  });
});

/** Returns the processor time since the process started. */
function startedCpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
