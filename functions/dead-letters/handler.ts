import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context, SQSEvent } from 'aws-lambda';
import { logger, metrics } from '../log.ts';
import { handleDeadLetter } from './dead-letter.ts';
import { openDependencies } from './dependencies.ts';
import { createDeadLetterReport } from './report.ts';

const dependencies = openDependencies(process.env);
const report = createDeadLetterReport(logger, metrics);

/** Handles dead letters of the uploads queue. The event source hands over one at a time. */
export const handler = middy<SQSEvent, void, Error, Context>()
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .handler(async ({ Records }: SQSEvent) => {
    for (const letter of Records) await handleDeadLetter(letter, dependencies, report);
  });
