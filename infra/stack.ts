import { Annotations, CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import * as deadLetters from '../functions/dead-letters/queue.ts';
import * as heavy from '../functions/gpu-worker/queue.ts';
import {
  DEAD_LETTER_RETENTION_DAYS,
  MAX_RECEIVE_COUNT,
  visibilityTimeoutSeconds,
} from '../functions/tag-upload/queue.ts';
import type { Artefacts } from './artefacts/artefacts.ts';
import type { Configuration } from './configuration/configuration.ts';
import type { Core } from './core/core.ts';
import { Layers } from './core/layers.ts';
import { configuredVariables, heavyVariables } from './core/variables.ts';
import { HeavyService } from './heavy-models/heavy-service.ts';
import { Api } from './http-api/api.ts';
import { Monitoring } from './monitoring/monitoring.ts';
import { Page } from './page/page.ts';
import { LastQueue, WorkQueue } from './parts/work-queue.ts';
import { Canary } from './release/canary.ts';
import { ImageBucket } from './storage/image-bucket.ts';
import { ServiceBucket } from './storage/service-bucket.ts';
import { RecordTable } from './storage/table.ts';
import { DeadLetters } from './tagging/dead-letters.ts';
import { Tagging } from './tagging/tagging.ts';

export interface AutoSwiftNetStackProps extends StackProps {
  readonly configuration: Configuration;
  readonly artefacts: Artefacts;
}

/**
 * Origins from which the page uploads, with signed forms. The exact distribution cannot be named:
 * its policy names the bucket, so that would be a circular dependency. The signature decides
 * whether an upload is accepted, whatever the origin.
 */
const PAGE_ORIGINS = 'https://*.cloudfront.net';

/** All of AutoSwiftNet, with one construct per role. */
export class AutoSwiftNetStack extends Stack {
  constructor(scope: Construct, id: string, { configuration, artefacts, ...props }: AutoSwiftNetStackProps) {
    super(scope, id, { terminationProtection: configuration.protect, ...props });
    const core = this.addCore(configuration, artefacts);
    const tagging = new Tagging(this, 'Tagging', core);
    new DeadLetters(this, 'DeadLetters', core, tagging.service);
    const api = new Api(this, 'Api', core);
    const heavy = core.heavyQueue === null ? null : new HeavyService(this, 'Heavy', core, core.heavyQueue);
    if (configuration.deployment === 'canary') new Canary(this, 'Canary', core, tagging, api);
    new Monitoring(this, 'Monitoring', { core, tagging, api, heavy });
    const page = configuration.page ? new Page(this, 'Page', core, api) : null;
    this.addOutputs(core, api, page);
    this.addQueueOutputs(core);
    artefacts.notices.forEach((notice, index) => {
      Annotations.of(this).addWarningV2(`autoswiftnet:model-${index}`, notice);
    });
  }

  private addCore(configuration: Configuration, artefacts: Artefacts): Core {
    const { keepData, protect, tagBatchSize, tagBatchWindowSeconds } = configuration;
    const parked = new LastQueue(this, 'UploadsParked', deadLetters.PARKED_RETENTION_DAYS);
    const uploads = new WorkQueue(this, 'Uploads', {
      visibilityTimeout: Duration.seconds(visibilityTimeoutSeconds(tagBatchSize, tagBatchWindowSeconds)),
      maxReceiveCount: MAX_RECEIVE_COUNT,
      deadLetterRetentionDays: DEAD_LETTER_RETENTION_DAYS,
      deadLetterReader: {
        visibilityTimeout: Duration.seconds(deadLetters.visibilityTimeoutSeconds(tagBatchSize)),
        maxReceiveCount: deadLetters.MAX_RECEIVE_COUNT,
        parked,
      },
    });
    const { bucket } = new ImageBucket(this, 'Images', {
      events: uploads.queue,
      existingName: configuration.bucket,
      corsOrigins: configuration.corsOrigins ?? (configuration.page ? [PAGE_ORIGINS] : undefined),
      noncurrentDays: configuration.noncurrentDays,
      keepData,
    });
    const { bucket: serviceBucket } = new ServiceBucket(this, 'Service', { emptied: !keepData });
    const { table } = new RecordTable(this, 'Records', { existingName: configuration.table, keepData, protect });
    const results = new Topic(this, 'Results', { enforceSSL: true });
    const { all: layers } = new Layers(this, 'Layers', { ...artefacts, architecture: configuration.architecture });
    // It stays without the GPU part, so that what waits is answered when that is back.
    const requests = new WorkQueue(this, 'HeavyQueue', {
      visibilityTimeout: Duration.seconds(heavy.VISIBILITY_TIMEOUT_SECONDS),
      maxReceiveCount: heavy.MAX_RECEIVE_COUNT,
      retentionDays: heavy.RETENTION_DAYS,
      deadLetterRetentionDays: heavy.DEAD_LETTER_RETENTION_DAYS,
    });
    const heavyQueue = configuration.gpu ? requests : null;
    const variables = {
      ...configuredVariables(configuration, artefacts.model.name),
      ...(heavyQueue === null ? {} : heavyVariables(configuration, artefacts, heavyQueue)),
      AUTOSWIFTNET_TABLE: table.tableName,
      AUTOSWIFTNET_BUCKET: bucket.bucketName,
      AUTOSWIFTNET_SERVICE_BUCKET: serviceBucket.bucketName,
      AUTOSWIFTNET_RESULTS_TOPIC_ARN: results.topicArn,
    };
    return {
      configuration,
      artefacts,
      layers,
      bucket,
      serviceBucket,
      uploads,
      parked,
      heavyQueue,
      table,
      results,
      variables,
    };
  }

  private output(name: string, description: string, value: string): void {
    new CfnOutput(this, name, { description, value });
  }

  /** Adds commands to try, and the names of what the stack created. */
  private addOutputs({ configuration, bucket, table, results }: Core, { url }: Api, page: Page | null): void {
    const output = this.output.bind(this);
    output(
      'UploadCommand',
      'Uploads an image, which is then tagged',
      `aws s3 cp photo.jpg s3://${bucket.bucketName}/photo.jpg`,
    );
    output(
      'TagsCommand',
      'Shows the tags of that image',
      `aws s3api get-object-tagging --bucket ${bucket.bucketName} --key photo.jpg`,
    );
    output('HealthCommand', 'Shows whether the API answers', `curl ${url}health`);
    output(
      'ClassifyCommand',
      'Classifies an image over HTTP',
      `curl ${authorization(configuration, this.region)} -H "content-type: image/jpeg" --data-binary @photo.jpg ${url}classify`,
    );
    output('ResultsTopic', 'SNS topic to which every result is published', results.topicArn);
    output('RecordsTable', 'DynamoDB table that holds the records and jobs', table.tableName);
    output('ApiUrl', 'Address of the HTTP API', url);
    output('ImageBucket', 'S3 bucket whose images are tagged', bucket.bucketName);
    if (configuration.gpu) {
      output(
        'WithoutGpu',
        'Leaves out the GPU part, which is otherwise part of the stack',
        'npx cdk deploy -c gpu=false',
      );
    }
    if (page !== null) output('PageUrl', 'Address of the page', page.url);
  }

  /** Adds the URLs of the queues. */
  private addQueueOutputs({ uploads, parked, heavyQueue }: Core): void {
    this.output('UploadsQueueUrl', 'Queue of the events of the bucket', uploads.queue.queueUrl);
    this.output('UploadsDeadLettersUrl', 'Queue of uploads that failed on every attempt', uploads.deadLetters.queueUrl);
    this.output('UploadsParkedUrl', 'Queue of uploads that failed alone as well', parked.queueUrl);
    if (heavyQueue === null) return;
    this.output('HeavyQueueUrl', 'Queue of the requests to the heavy model', heavyQueue.queue.queueUrl);
    this.output(
      'HeavyDeadLettersUrl',
      'Queue of heavy requests that failed on every attempt',
      heavyQueue.deadLetters.queueUrl,
    );
  }
}

/** Returns the curl options that authenticate a call to the API. */
function authorization({ jwtIssuer }: Configuration, region: string): string {
  if (jwtIssuer !== undefined) return '-H "Authorization: Bearer $TOKEN"';
  return `--aws-sigv4 aws:amz:${region}:execute-api --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" -H "x-amz-security-token: $AWS_SESSION_TOKEN"`;
}
