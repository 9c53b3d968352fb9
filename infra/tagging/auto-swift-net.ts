import { Duration, Names, Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import * as deadLetters from '../../functions/dead-letters/queue.ts';
import * as heavy from '../../functions/gpu-worker/queue.ts';
import {
  DEAD_LETTER_RETENTION_DAYS,
  MAX_RECEIVE_COUNT,
  visibilityTimeoutSeconds,
} from '../../functions/tag-upload/queue.ts';
import { requireMemory } from '../artefacts/memory.ts';
import type { ModelPackage } from '../artefacts/model-package.ts';
import type { ServiceCode } from '../artefacts/service-code.ts';
import { requireBatchWindow } from '../configuration/consistency.ts';
import { readSettings } from '../configuration/read-settings.ts';
import type { Core } from '../core/core.ts';
import { Layers } from '../core/layers.ts';
import { Series } from '../core/series.ts';
import { CORE_SETTINGS, type CoreSettings } from '../core/settings.ts';
import { type FunctionVariables, sharedVariables } from '../core/variables.ts';
import { LastQueue, WorkQueue } from '../parts/work-queue.ts';
import { ImageBucket } from '../storage/image-bucket.ts';
import { ServiceBucket } from '../storage/service-bucket.ts';
import { RecordTable } from '../storage/table.ts';
import type { WatchedBucket } from '../storage/watched-bucket.ts';
import { DeadLetters } from './dead-letters.ts';
import { Tagging } from './tagging.ts';

export interface AutoSwiftNetProps extends Readonly<Partial<CoreSettings>> {
  /** The small model. */
  readonly model: ModelPackage;
  /** What is uploaded. */
  readonly code: ServiceCode;
  /** Name of an existing bucket. @default - a bucket is created */
  readonly bucketName?: string | undefined;
  /** Name of an existing table. @default - a table is created */
  readonly tableName?: string | undefined;
}

/** From an upload to tags, a record and a message: buckets, queues, table, topic and functions. */
export class AutoSwiftNet extends Construct {
  readonly core: Core;
  readonly tagging: Tagging;

  constructor(scope: Construct, id: string, props: AutoSwiftNetProps) {
    super(scope, id);
    const settings = readSettings('AutoSwiftNet', CORE_SETTINGS, props);
    requireBatchWindow(settings);
    requireMemory(props.model.manifest, settings);
    this.core = this.addCore(settings, props);
    this.tagging = new Tagging(this, 'Tagging', this.core);
    new DeadLetters(this, 'DeadLetters', this.core, this.tagging.service);
  }

  private addCore(settings: CoreSettings, { model, code, bucketName, tableName }: AutoSwiftNetProps): Core {
    const { keepData, protect, corsOrigins, noncurrentDays, architecture } = settings;
    const parked = new LastQueue(this, 'UploadsParked', deadLetters.PARKED_RETENTION_DAYS);
    const uploads = this.addUploads(settings, parked);
    const images = new ImageBucket(this, 'Images', {
      events: uploads.queue,
      existingName: bucketName,
      corsOrigins,
      noncurrentDays,
      keepData,
    });
    const { bucket } = images;
    const { bucket: serviceBucket } = new ServiceBucket(this, 'Service', { emptied: !keepData });
    const { table } = new RecordTable(this, 'Records', { existingName: tableName, keepData, protect });
    const results = new Topic(this, 'Results', { enforceSSL: true });
    const { all: layers } = new Layers(this, 'Layers', {
      runtimeLayer: code.runtimeLayer(architecture),
      modelLayer: code.modelLayer(model),
      architecture,
    });
    const buckets = new Series<WatchedBucket>();
    buckets.add({ bucket, objects: bucket.arnForObjects('*') });
    const name = nameOf(this);
    return {
      name,
      settings,
      code,
      layers,
      bucket,
      allowUploadsFrom: (origins) => images.allowUploadsFrom(origins),
      buckets,
      serviceBucket,
      uploads,
      parked,
      heavyQueue: this.addHeavyQueue(),
      heavyModels: new Series<FunctionVariables>(),
      table,
      results,
      variables: {
        ...sharedVariables(name, settings, model.name),
        AUTOSWIFTNET_TABLE: table.tableName,
        AUTOSWIFTNET_BUCKET: bucket.bucketName,
        AUTOSWIFTNET_SERVICE_BUCKET: serviceBucket.bucketName,
        AUTOSWIFTNET_RESULTS_TOPIC_ARN: results.topicArn,
      },
    };
  }

  private addUploads({ tagBatchSize, tagBatchWindowSeconds }: CoreSettings, parked: LastQueue): WorkQueue {
    return new WorkQueue(this, 'Uploads', {
      visibilityTimeout: Duration.seconds(visibilityTimeoutSeconds(tagBatchSize, tagBatchWindowSeconds)),
      maxReceiveCount: MAX_RECEIVE_COUNT,
      deadLetterRetentionDays: DEAD_LETTER_RETENTION_DAYS,
      deadLetterReader: {
        visibilityTimeout: Duration.seconds(deadLetters.visibilityTimeoutSeconds(tagBatchSize)),
        maxReceiveCount: deadLetters.MAX_RECEIVE_COUNT,
        parked,
      },
    });
  }

  /** It stays without heavy models, so that what waits is answered when they are back. */
  private addHeavyQueue(): WorkQueue {
    return new WorkQueue(this, 'HeavyQueue', {
      visibilityTimeout: Duration.seconds(heavy.VISIBILITY_TIMEOUT_SECONDS),
      maxReceiveCount: heavy.MAX_RECEIVE_COUNT,
      retentionDays: heavy.RETENTION_DAYS,
      deadLetterRetentionDays: heavy.DEAD_LETTER_RETENTION_DAYS,
    });
  }
}

const MAX_NAME_LENGTH = 128;

/**
 * Names the service in metrics and logs: the name of its stack, and where a stack may have several
 * services the path of this one too. `Default` is no part of a path for the CDK either.
 */
function nameOf(service: AutoSwiftNet): string {
  const stack = Stack.of(service);
  if (service.node.scope === stack && service.node.id === 'Default') return stack.stackName;
  return Names.uniqueResourceName(service, { maxLength: MAX_NAME_LENGTH, separator: '-' });
}
