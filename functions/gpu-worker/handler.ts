/**
 * The program of a handler process: it receives messages, decodes their images and writes the
 * answers. The worker that started it computes, and tells it when to end. If the worker is gone, it
 * ends at once, and its messages go to another worker.
 */
import { blockOtherLoaders } from '../../classifier/decode/block-other-loaders.ts';
import { logger, metrics } from '../log.ts';
import { openDependencies } from './dependencies.ts';
import { handleMessages } from './handle-messages.ts';
import type { HandlerMessage, WorkerMessage } from './handlers/messages.ts';
import { createRemoteInference } from './handlers/remote-inference.ts';
import { createWorkerReport, METRICS_INTERVAL_MS } from './report.ts';
import { readWorkerSettings } from './settings.ts';

/** How often the worker is told how many messages are held, if that has changed. */
const HELD_INTERVAL_MS = 500;

process.on('disconnect', () => process.exit(1));
// If the worker goes while the modules above are loaded, the event may be over by now.
if (process.connected !== true) process.exit(1);
// A terminal and some orchestrators send these to every process. The worker decides.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});

const report = createWorkerReport(logger, metrics);
const settings = readWorkerSettings(process.env);
blockOtherLoaders();
const inference = createRemoteInference(send);
const handling = handleMessages({ settings, dependencies: openDependencies(process.env, settings), report }, inference);

let told = 0;
setInterval(() => {
  const count = handling.held();
  if (count !== told) send({ kind: 'held', count });
  told = count;
}, HELD_INTERVAL_MS);
setInterval(() => report.flush(), METRICS_INTERVAL_MS);

process.on('message', (message: WorkerMessage) => {
  if (message.kind === 'stop') void end(message.withinMs);
  else inference.receive(message);
});
send({ kind: 'ready' });

async function end(withinMs: number): Promise<void> {
  let code = 0;
  try {
    await handling.stop(withinMs);
  } catch (error) {
    report.onFault('a handler process could not stop cleanly', error);
    code = 1;
  }
  report.flush();
  process.exit(code);
}

function send(message: HandlerMessage): void {
  // If the worker is gone, 'disconnect' ends this process.
  process.send?.(message, undefined, {}, () => {});
}
