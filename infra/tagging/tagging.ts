import { Duration } from 'aws-cdk-lib';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Construct } from 'constructs';
import { functionTimeoutSeconds } from '../../functions/tag-upload/queue.ts';
import { tagUploadEnvironmentSchema } from '../../functions/tag-upload/settings.ts';
import { THUMBNAIL_PREFIX } from '../../functions/thumbnails/thumbnail-prefix.ts';
import type { Core } from '../core/core.ts';
import { ServiceFunction } from '../core/service-function.ts';
import { TAGGING_ACTIONS } from '../core/tagging-actions.ts';
import { selectVariables, variablesOf } from '../core/variables.ts';
import { acknowledge, wildcardResource } from '../parts/acknowledge.ts';

/**
 * From an upload to tags and a record: the function behind the uploads queue, and its permissions.
 */
export class Tagging extends Construct {
  readonly service: ServiceFunction;

  constructor(scope: Construct, id: string, core: Core) {
    super(scope, id);
    const { settings, code } = core;
    this.service = new ServiceFunction(this, 'TagUpload', core, {
      code: code.functions['tag-upload'],
      description: 'Tags uploaded images and stores their records',
      layers: core.layers,
      memoryMb: settings.memoryMb,
      timeout: Duration.seconds(functionTimeoutSeconds(settings.tagBatchSize)),
      variables: variablesOf(tagUploadEnvironmentSchema, core.variables),
    });
    // The event source limits the concurrency. A reservation would throttle messages, and throttled
    // messages count as failed attempts.
    this.service.alias.addEventSource(
      new SqsEventSource(core.uploads.queue, {
        batchSize: settings.tagBatchSize,
        maxBatchingWindow: Duration.seconds(settings.tagBatchWindowSeconds),
        maxConcurrency: settings.tagConcurrency,
        reportBatchItemFailures: true,
      }),
    );
    acknowledge(this.service, {
      'Serverless-LambdaEventSourceMappingDestination': 'Failed messages go to the dead-letter queue of the queue.',
    });
    this.grant(core);
  }

  private grant({ buckets, serviceBucket, table, results, heavyQueue, heavyModels, settings }: Core): void {
    buckets.forEach(({ bucket, objects, keyArn }) => {
      acknowledge(this.service, { [wildcardResource(this, objects)]: 'All watched objects of this one bucket.' });
      this.service.allow(['s3:GetObject', 's3:GetObjectVersion'], [objects]);
      if (settings.tagLabels > 0) this.service.allow(TAGGING_ACTIONS, [objects]);
      this.service.allow(['s3:ListBucket'], [bucket.bucketArn]);
      if (keyArn !== null) this.service.allow(['kms:Decrypt'], [keyArn]);
    });
    this.service.allow(['dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:DeleteItem'], [table.tableArn]);
    const thumbnails = serviceBucket.arnForObjects(`${THUMBNAIL_PREFIX}*`);
    acknowledge(this.service, { [wildcardResource(this, thumbnails)]: 'The thumbnails of all images.' });
    this.service.allow(['s3:DeleteObject'], [thumbnails]);
    this.service.allow(['sns:Publish'], [results.topicArn]);
    this.service.allowKeys({ reads: ['table'], sends: ['results'] });
    heavyModels.forEach((variables) => {
      this.service.addVariables(selectVariables(tagUploadEnvironmentSchema, variables));
      this.service.allow(['sqs:SendMessage'], [heavyQueue.queue.queueArn]);
      this.service.allowKeys({ sends: ['queues'] });
    });
  }
}
