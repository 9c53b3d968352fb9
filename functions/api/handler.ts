import { setTimeout as delay } from 'node:timers/promises';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import httpRouter from '@middy/http-router';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { blockOtherLoaders } from '../classifier/decode.ts';
import { logger, metrics } from '../log.ts';
import { openAtInit } from '../open-at-init.ts';
import { openDependencies } from './dependencies.ts';
import { createApiReport } from './report.ts';
import { answerProblems, toRouterOptions } from './serve.ts';

/** Of Lambda's ten seconds for the init phase, which begins again, on the event's time, when they are over. */
const INIT_WAIT_MS = 8_000;

blockOtherLoaders();
const dependencies = openDependencies(process.env);

await Promise.race([
  openAtInit(dependencies.classifier, logger, metrics),
  delay(INIT_WAIT_MS, undefined, { ref: false }),
]);

/** A request of API Gateway's HTTP API (payload format 2.0) -> its answer. */
export const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Error, Context>()
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .use(answerProblems(createApiReport(logger, metrics)))
  .handler(httpRouter(toRouterOptions(dependencies)));
