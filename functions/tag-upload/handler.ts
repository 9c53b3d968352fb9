import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { blockOtherLoaders } from '../../classifier/decode/block-other-loaders.ts';
import { logger, metrics } from '../log.ts';
import { openAtInit } from '../open-at-init.ts';
import { openDependencies } from './dependencies.ts';
import { handleMessage } from './message.ts';
import { createReport } from './report.ts';

blockOtherLoaders();
const dependencies = openDependencies(process.env);
const { runner } = dependencies;
const report = createReport(logger, metrics);

await openAtInit(dependencies.classifier, logger, metrics);

/** Handles a batch of SQS messages with S3 notifications. Returns the messages that failed. */
export const handler = middy<SQSEvent, SQSBatchResponse, Error, Context>()
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .handler((event: SQSEvent, context: Context) =>
    processPartialResponse(
      event,
      (message: SQSRecord) => runner.tasks.take(() => handleMessage(message, dependencies, report)),
      new BatchProcessor(EventType.SQS, { logger }),
      { context, processInParallel: true, throwOnFullBatchFailure: false },
    ),
  );
