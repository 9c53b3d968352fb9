import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { blockOtherLoaders } from '../../classifier/decode/block-other-loaders.ts';
import { logger, metrics } from '../log.ts';
import { openAtInit } from '../open-at-init.ts';
import { answerCall, type BatchAnswer } from './answer-call.ts';
import { parseCall } from './batch.ts';
import { openDependencies } from './dependencies.ts';
import { createBackfillReport } from './report.ts';
import type { Run } from './run-request.ts';

blockOtherLoaders();
const dependencies = openDependencies(process.env);
const report = createBackfillReport(logger, metrics);

await openAtInit(dependencies.classifier, logger, metrics);

/** Answers the state machine: checks a run before it starts, or tags a batch of it. */
export const handler = middy<unknown, Run | BatchAnswer, Error, Context>()
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .handler((event: unknown, context: Context) =>
    answerCall(parseCall(event), dependencies, report, () => context.getRemainingTimeInMillis()),
  );
