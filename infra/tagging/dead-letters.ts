import { Duration } from 'aws-cdk-lib';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Construct } from 'constructs';
import { functionTimeoutSeconds } from '../../functions/dead-letters/queue.ts';
import { deadLettersEnvironmentSchema } from '../../functions/dead-letters/settings.ts';
import { THUMBNAIL_PREFIX } from '../../functions/thumbnails/thumbnail-prefix.ts';
import type { Core } from '../core/core.ts';
import { ServiceFunction } from '../core/service-function.ts';
import { TAGGING_ACTIONS } from '../core/tagging-actions.ts';
import { variablesOf } from '../core/variables.ts';
import { acknowledge, wildcardResource } from '../parts/acknowledge.ts';

/** The function has no model and handles no picture. */
const MEMORY_MB = 256;

/**
 * Each call waits for one of the tagging function. The rest of the account's concurrency is left to
 * new uploads. Lambda allows no less for an event source.
 */
const MAX_CONCURRENCY = 2;

/**
 * From a dead letter of the uploads queue to a record that says `failed`, and to one more call of
 * the tagging function, with that message alone.
 */
export class DeadLetters extends Construct {
  private readonly service: ServiceFunction;

  constructor(scope: Construct, id: string, core: Core, tagging: ServiceFunction) {
    super(scope, id);
    const { settings, code, uploads, parked } = core;
    this.service = new ServiceFunction(this, 'Function', core, {
      code: code.functions['dead-letters'],
      description: 'Records failed uploads and hands each to the tagging function alone',
      layers: [],
      memoryMb: MEMORY_MB,
      timeout: Duration.seconds(functionTimeoutSeconds(settings.tagBatchSize)),
      variables: variablesOf(deadLettersEnvironmentSchema, {
        ...core.variables,
        AUTOSWIFTNET_TAGGING_FUNCTION: tagging.invokeArn,
        AUTOSWIFTNET_PARKED_QUEUE_URL: parked.queueUrl,
      }),
    });
    this.service.alias.addEventSource(
      new SqsEventSource(uploads.deadLetters, { batchSize: 1, maxConcurrency: MAX_CONCURRENCY }),
    );
    acknowledge(this.service, {
      'Serverless-LambdaEventSourceMappingDestination': 'Failed dead letters go to the queue of parked messages.',
    });
    this.grant(core, tagging);
  }

  private grant({ buckets, serviceBucket, table, results, parked, settings }: Core, tagging: ServiceFunction): void {
    const isTagging = settings.tagLabels > 0;
    buckets.forEach(({ bucket, objects }) => {
      acknowledge(this.service, { [wildcardResource(this, objects)]: 'All watched objects of this one bucket.' });
      this.service.allow(isTagging ? TAGGING_ACTIONS : ['s3:GetObjectVersion'], [objects]);
      this.service.allow(['s3:ListBucket'], [bucket.bucketArn]);
    });
    this.service.allow(['dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:DeleteItem'], [table.tableArn]);
    const thumbnails = serviceBucket.arnForObjects(`${THUMBNAIL_PREFIX}*`);
    acknowledge(this.service, { [wildcardResource(this, thumbnails)]: 'The thumbnails of all images.' });
    this.service.allow(['s3:DeleteObject'], [thumbnails]);
    this.service.allow(['sns:Publish'], [results.topicArn]);
    this.service.allow(['sqs:SendMessage'], [parked.queueArn]);
    this.service.allowKeys({ reads: ['table'], sends: ['results', 'queues'] });
    this.service.allow(['lambda:InvokeFunction'], [tagging.invokeArn]);
  }
}
