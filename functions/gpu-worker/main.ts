/**
 * The container's program: takes requests from the heavy queue until it is told to stop. The first
 * SIGTERM (scale-in, Spot) or SIGINT stops it cleanly with exit code 0. If it cannot go on or stop
 * in time, it ends at once, and its messages go to another worker.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { blockOtherLoaders } from '../../classifier/decode/block-other-loaders.ts';
import { logger, metrics } from '../log.ts';
import { openDependencies } from './dependencies.ts';
import { createWorkerReport } from './report.ts';
import { readWorkerSettings } from './settings.ts';
import { startWorker } from './worker.ts';

const report = createWorkerReport(logger, metrics);
const { settings, worker } = await start().catch((error: unknown) => {
  report.onFault('the worker cannot start', error);
  process.exit(1);
});

let ending = false;
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void end(0));
// If another process started this worker, the worker ends with it.
process.on('disconnect', () => void end(0));
worker.broken.catch((error: unknown) => {
  report.onFault('the worker must be replaced', error);
  void end(1);
});

try {
  await worker.ready;
  if (!ending) logger.info('worker ready', { models: settings.models, port: worker.port });
} catch (error) {
  if (!ending) report.onFault('the model cannot be opened', error);
  await end(1);
}

async function start() {
  const settings = readWorkerSettings(process.env);
  blockOtherLoaders();
  const dependencies = openDependencies(process.env, settings);
  return { settings, worker: await startWorker({ settings, dependencies, report }) };
}

async function end(code: number): Promise<void> {
  if (ending) return;
  ending = true;
  logger.info('worker ending', { within: settings.AUTOSWIFTNET_STOP_SECONDS });
  void delay(settings.AUTOSWIFTNET_STOP_SECONDS * 1000, undefined, { ref: false }).then(() => {
    // Only SIGKILL ends a run that is in progress.
    logger.error('the worker did not stop in time and is killed; its messages go to another worker');
    process.kill(process.pid, 'SIGKILL');
  });
  try {
    await worker.stop();
  } catch (error) {
    report.onFault('the worker could not stop cleanly', error);
  }
  process.exit(code);
}
