import { Duration } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { LayerVersion } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { BATCH_SIZE, FUNCTION_TIMEOUT_SECONDS } from '../functions/tag-upload/queue.ts';
import { acknowledge, wildcardResource } from './acknowledge.ts';
import type { Artefacts } from './artefacts.ts';
import type { Configuration } from './configuration.ts';
import type { WatchedBucket } from './image-bucket.ts';
import { ServiceFunction } from './service-function.ts';
import { classificationVariables } from './variables.ts';
import type { WorkQueue } from './work-queue.ts';

export interface TaggingProps {
  readonly configuration: Configuration;
  readonly artefacts: Artefacts;
  readonly layers: readonly LayerVersion[];
  readonly bucket: WatchedBucket;
  /** Takes the bucket's events. */
  readonly uploads: WorkQueue;
  readonly table: Table;
  readonly results: Topic;
}

/** Upload -> tags and record: the function behind the uploads queue, and what it may do. */
export class Tagging extends Construct {
  readonly service: ServiceFunction;

  constructor(scope: Construct, id: string, props: TaggingProps) {
    super(scope, id);
    const { configuration, artefacts, bucket, uploads, table, results } = props;
    this.service = new ServiceFunction(this, 'TagUpload', {
      code: artefacts.functions['tag-upload'],
      description: 'Tags uploaded images and records what was found',
      layers: props.layers,
      architecture: configuration.architecture,
      memoryMb: configuration.memoryMb,
      timeout: Duration.seconds(FUNCTION_TIMEOUT_SECONDS),
      logRetentionDays: configuration.logRetentionDays,
      variables: {
        ...classificationVariables(configuration, artefacts.model.name),
        AUTOSWIFTNET_TABLE: table.tableName,
        AUTOSWIFTNET_RESULTS_TOPIC_ARN: results.topicArn,
      },
    });
    // Concurrency is bounded here and not by a reservation: throttled messages would count as failed attempts.
    this.service.function.addEventSource(
      new SqsEventSource(uploads.queue, {
        batchSize: BATCH_SIZE,
        maxConcurrency: configuration.tagConcurrency,
        reportBatchItemFailures: true,
      }),
    );
    acknowledge(this.service, {
      'Serverless-LambdaEventSourceMappingDestination': 'Failed messages go to the dead letters of the queue itself.',
    });
    this.grant(bucket, table, results, configuration.tagLabels > 0);
  }

  private grant(bucket: WatchedBucket, table: Table, results: Topic, tags: boolean): void {
    const objects = bucket.arnForObjects('*');
    acknowledge(this.service, { [wildcardResource(this, objects)]: 'Every object of this one bucket.' });
    this.service.allow(['s3:GetObject', 's3:GetObjectVersion'], [objects]);
    if (tags) {
      const tagging = ['GetObjectTagging', 'GetObjectVersionTagging', 'PutObjectTagging', 'PutObjectVersionTagging'];
      this.service.allow(
        tagging.map((action) => `s3:${action}`),
        [objects],
      );
    }
    this.service.allow(['s3:ListBucket'], [bucket.bucketArn]);
    this.service.allow(['dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:DeleteItem'], [table.tableArn]);
    this.service.allow(['sns:Publish'], [results.topicArn]);
  }
}
