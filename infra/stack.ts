import { Annotations, CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import {
  DEAD_LETTER_RETENTION_DAYS,
  MAX_RECEIVE_COUNT,
  VISIBILITY_TIMEOUT_SECONDS,
} from '../functions/tag-upload/queue.ts';
import type { Artefacts } from './artefacts.ts';
import type { Configuration } from './configuration.ts';
import { ImageBucket } from './image-bucket.ts';
import { Layers } from './layers.ts';
import { ServiceBucket } from './service-bucket.ts';
import { RecordTable } from './table.ts';
import { Tagging } from './tagging.ts';
import { WorkQueue } from './work-queue.ts';

export interface AutoSwiftNetStackProps extends StackProps {
  readonly configuration: Configuration;
  readonly artefacts: Artefacts;
}

/** All of AutoSwiftNet, one construct a role. */
export class AutoSwiftNetStack extends Stack {
  constructor(scope: Construct, id: string, { configuration, artefacts, ...props }: AutoSwiftNetStackProps) {
    super(scope, id, props);
    const { keepData } = configuration;
    const uploads = new WorkQueue(this, 'Uploads', {
      visibilityTimeout: Duration.seconds(VISIBILITY_TIMEOUT_SECONDS),
      maxReceiveCount: MAX_RECEIVE_COUNT,
      deadLetterRetentionDays: DEAD_LETTER_RETENTION_DAYS,
    });
    const { bucket } = new ImageBucket(this, 'Images', {
      events: uploads.queue,
      existingName: configuration.bucket,
      corsOrigins: configuration.corsOrigins,
      noncurrentDays: configuration.noncurrentDays,
      keepData,
    });
    new ServiceBucket(this, 'Service');
    const { table } = new RecordTable(this, 'Records', { keepData });
    const results = new Topic(this, 'Results', { enforceSSL: true });
    const layers = new Layers(this, 'Layers', { ...artefacts, architecture: configuration.architecture });
    new Tagging(this, 'Tagging', {
      configuration,
      artefacts,
      layers: layers.all,
      bucket,
      uploads,
      table,
      results,
    });
    artefacts.notices.forEach((notice, index) => {
      Annotations.of(this).addWarningV2(`autoswiftnet:model-${index}`, notice);
    });
    new CfnOutput(this, 'UploadCommand', {
      description: 'Upload a picture',
      value: `aws s3 cp photo.jpg s3://${bucket.bucketName}/photo.jpg`,
    });
    new CfnOutput(this, 'TagsCommand', {
      description: 'Its tags, a moment later',
      value: `aws s3api get-object-tagging --bucket ${bucket.bucketName} --key photo.jpg`,
    });
    new CfnOutput(this, 'ResultsTopic', { value: results.topicArn });
    new CfnOutput(this, 'RecordsTable', { value: table.tableName });
  }
}
