import { setTimeout as delay } from 'node:timers/promises';
import { blockOtherLoaders } from '../../classifier/decode/block-other-loaders.ts';
import { logger, metrics } from '../log.ts';
import { openAtInit } from '../open-at-init.ts';
import { openDependencies } from './dependencies.ts';
import { ROUTES } from './routes.ts';
import { createApiHandler } from './serve.ts';

/** Lambda allows init 10 s, then runs it again inside the first invocation; this leaves 2 s. */
const INIT_WAIT_MS = 8_000;

blockOtherLoaders();
const dependencies = openDependencies(process.env);

await Promise.race([
  openAtInit(dependencies.classifier, logger, metrics),
  delay(INIT_WAIT_MS, undefined, { ref: false }),
]);

/** Answers a request of API Gateway's HTTP API (payload format 2.0). */
export const handler = createApiHandler(ROUTES, dependencies, logger, metrics);
