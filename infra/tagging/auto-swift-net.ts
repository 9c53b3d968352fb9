import { Annotations, Duration, Names, Stack } from 'aws-cdk-lib';
import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct, type IConstruct } from 'constructs';
import * as deadLetters from '../../functions/dead-letters/queue.ts';
import * as heavy from '../../functions/gpu-worker/queue.ts';
import { TABLE_INDEXES } from '../../functions/records/table-schema.ts';
import {
  DEAD_LETTER_RETENTION_DAYS,
  MAX_RECEIVE_COUNT,
  visibilityTimeoutSeconds,
} from '../../functions/tag-upload/queue.ts';
import { IMAGE_COUNTS } from '../../functions/tagging/metric-names.ts';
import { requireWithinBudget } from '../../layers/budget.ts';
import { requireMemory } from '../artefacts/memory.ts';
import { ModelPackage } from '../artefacts/model-package.ts';
import { preparedCode } from '../artefacts/prepared-code.ts';
import { MODEL_FUNCTION_NAMES } from '../artefacts/service-code.ts';
import { requireBatchWindow, requireOwnBucket } from '../configuration/consistency.ts';
import { readSettings } from '../configuration/read-settings.ts';
import { PROP_KINDS, requireProps } from '../configuration/require-props.ts';
import type { Core } from '../core/core.ts';
import { keyGrants } from '../core/keys.ts';
import { Layers } from '../core/layers.ts';
import { addOutputs, chooseOutputPrefix } from '../core/outputs.ts';
import { ownCount } from '../core/own-count.ts';
import { Series } from '../core/series.ts';
import { CORE_SETTINGS, type CoreSettings } from '../core/settings.ts';
import { type FunctionVariables, sharedVariables } from '../core/variables.ts';
import { secureTopic } from '../parts/secure-topic.ts';
import { LastQueue, WorkQueue } from '../parts/work-queue.ts';
import { ImageBucket } from '../storage/image-bucket.ts';
import { ServiceBucket } from '../storage/service-bucket.ts';
import { RecordTable } from '../storage/table.ts';
import { tableFaults } from '../storage/table-faults.ts';
import { type EventQueues, watchBucket } from '../storage/watch-bucket.ts';
import type { WatchOptions } from '../storage/watch-options.ts';
import { requireUnwatched, type WatchedBucket, watchedBucket } from '../storage/watched-bucket.ts';
import type { AutoSwiftNetProps } from './auto-swift-net-props.ts';
import { DeadLetters } from './dead-letters.ts';
import { Tagging } from './tagging.ts';

/** Period of a metric without one of its own. */
const METRIC_PERIOD = Duration.minutes(5);

/** A dimension of a metric may be longer, and the names of logs and APIs add to it. */
const MAX_NAME_LENGTH = 100;

/**
 * From an upload to tags, a record and a message. It has queues for the events, functions that tag
 * and that try failed uploads again, a table of records, and a topic of results.
 * @example new AutoSwiftNet(this, 'Tagging', { bucket: photos, model: ModelPackage.fromFolder('models/cache/resnet50_swsl.int8') })
 */
export class AutoSwiftNet extends Construct {
  /** The bucket to which the API uploads: the given one, or the created one. */
  readonly bucket: IBucket;
  /** The table of records and jobs. */
  readonly table: ITable;
  /** The topic to which every result is published. */
  readonly results: ITopic;
  /** The queue of the buckets' events. */
  readonly uploads: IQueue;
  /** The queue of the uploads that failed on every attempt. A function tries each alone. */
  readonly uploadsDeadLetters: IQueue;
  /** The queue of the uploads that failed alone as well. A person must look at them. */
  readonly uploadsParked: IQueue;
  /** The queue of the requests to heavy models. It is there without `HeavyModels`, too. */
  readonly heavyRequests: IQueue;
  /** The queue of the requests to heavy models that failed on every attempt. */
  readonly heavyDeadLetters: IQueue;
  /** The function that tags, by the alias that its callers use. */
  readonly taggingFunction: IFunction;
  /** @internal */
  readonly core: Core;
  /** @internal */
  readonly tagging: Tagging;

  /**
   * @throws {ConfigurationError} when a prop is out of its range or of another kind, or `memoryMb` is too small for the
   * model
   * @throws {LayerBudgetError} when a function and its layers are larger than Lambda allows
   * @throws {LayerBuildError} when npm cannot install the packages of the runtime layer
   */
  constructor(scope: Construct, id: string, props: AutoSwiftNetProps = {}) {
    super(scope, id);
    const { bucket: ofBucket, key, model, table: ofTable, topic } = PROP_KINDS;
    requireProps(
      'AutoSwiftNet',
      props,
      {},
      { model, bucket: ofBucket, table: ofTable, results: topic, encryptionKey: key },
    );
    const settings = readSettings('AutoSwiftNet', CORE_SETTINGS, props);
    requireBatchWindow(settings);
    if (props.bucket !== undefined) requireOwnBucket(props.bucket.node.path, settings.noncurrentDays);
    this.core = this.addCore(settings, props);
    this.tagging = new Tagging(this, 'Tagging', this.core);
    new DeadLetters(this, 'DeadLetters', this.core, this.tagging.service);
    const { bucket, table, results, uploads, parked, heavyQueue } = this.core;
    this.node.addValidation({ validate: () => tableFaults(table) });
    this.bucket = bucket;
    this.table = table;
    this.results = results;
    this.uploads = uploads.queue as IQueue;
    this.uploadsDeadLetters = uploads.deadLetters as IQueue;
    this.uploadsParked = parked as IQueue;
    this.heavyRequests = heavyQueue.queue as IQueue;
    this.heavyDeadLetters = heavyQueue.deadLetters as IQueue;
    this.taggingFunction = this.tagging.service.alias;
    addOutputs(this, this.core, {
      ImageBucket: bucket.bucketName,
      ...filterOutputs(props.watch),
      ServiceBucket: this.core.serviceBucket.bucketName,
      RecordsTable: table.tableName,
      ResultsTopic: results.topicArn,
      UploadsQueueUrl: uploads.queue.queueUrl,
      UploadsDeadLettersUrl: uploads.deadLetters.queueUrl,
      UploadsParkedUrl: parked.queueUrl,
      TaggingLogs: this.tagging.service.logGroupName,
    });
  }

  /**
   * Watches one more bucket, or more objects of the same one. Objects that are watched already are
   * refused.
   * @throws {ConfigurationError} when the prefix or suffix has a wildcard, or some of the objects are
   * watched already
   */
  addBucket(bucket: IBucket, options: WatchOptions = {}): void {
    requireProps('addBucket', { bucket }, { bucket: PROP_KINDS.bucket });
    const added = watchedBucket(bucket, options);
    requireUnwatched(added, this.core.buckets.all);
    this.core.buckets.add(added);
    watchBucket(this, bucket, options, this.eventQueues(this.core));
  }

  /**
   * Allows to read the records and to search them by their indexes, and to decrypt with the key of the
   * table, if the account has it.
   */
  grantReadResults(grantee: IGrantable): Grant {
    for (const { actions, resources } of keyGrants(this.core.keys, { reads: ['table'] })) {
      Grant.addToPrincipal({ grantee, actions: [...actions], resourceArns: [...resources] });
    }
    const indexes = TABLE_INDEXES.map(({ name }) => `${this.table.tableArn}/index/${name}`);
    return Grant.addToPrincipal({
      grantee,
      actions: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query'],
      resourceArns: [this.table.tableArn, ...indexes],
    });
  }

  /** Counts the images that got tags or a record, by the small model or a heavy one. */
  metricTagged(options: MetricOptions = {}): Metric {
    return this.metric(IMAGE_COUNTS.tagged, options);
  }

  /** Counts the objects that cannot be classified, such as damaged images. */
  metricRejected(options: MetricOptions = {}): Metric {
    return this.metric(IMAGE_COUNTS.rejected, options);
  }

  /** Counts the images that failed on every attempt. */
  metricFailed(options: MetricOptions = {}): Metric {
    return this.metric(IMAGE_COUNTS.failed, options);
  }

  private metric(name: string, options: MetricOptions): Metric {
    return ownCount(this.core, name, METRIC_PERIOD).with(options);
  }

  private eventQueues({ uploads, parked }: Pick<Core, 'uploads' | 'parked'>): EventQueues {
    return { events: uploads.queue, undelivered: parked };
  }

  private addCore(settings: CoreSettings, props: AutoSwiftNetProps): Core {
    const { keepData, protect, architecture } = settings;
    const { code = preparedCode(), watch = {} } = props;
    const encryptionKey = props.encryptionKey ?? null;
    const parked = new LastQueue(this, 'UploadsParked', deadLetters.PARKED_RETENTION_DAYS, encryptionKey);
    const uploads = this.addUploads(settings, parked, encryptionKey);
    const images = props.bucket === undefined ? this.addImages(settings, props, { uploads, parked }) : null;
    const bucket = props.bucket ?? (images?.bucket as IBucket);
    if (images === null) watchBucket(this, bucket, watch, this.eventQueues({ uploads, parked }));
    const { bucket: serviceBucket } = new ServiceBucket(this, 'Service', { emptied: !keepData, encryptionKey });
    const table = props.table ?? new RecordTable(this, 'Records', { keepData, protect, encryptionKey }).table;
    const results = props.results ?? (new Topic(this, 'Results', secureTopic(encryptionKey)) as ITopic);
    const model = this.chooseModel(settings, props.model);
    const runtimeLayer = code.runtimeLayer(architecture);
    const modelLayer = code.modelLayer(model);
    for (const name of MODEL_FUNCTION_NAMES) {
      requireWithinBudget(name, [code.functions[name], runtimeLayer, modelLayer]);
    }
    const { all: layers } = new Layers(this, 'Layers', { runtimeLayer, modelLayer, architecture });
    const buckets = new Series<WatchedBucket>();
    buckets.add(watchedBucket(bucket, watch));
    const name = nameOf(this);
    return {
      name,
      settings,
      code,
      layers,
      outputPrefix: props.outputs === false ? null : chooseOutputPrefix(this, props.outputPrefix),
      encryptionKey,
      keys: {
        table: table.encryptionKey ?? null,
        results: results.masterKey ?? null,
        serviceBucket: encryptionKey,
        queues: encryptionKey,
      },
      bucket,
      allowUploadsFrom: (origins) => images?.allowUploadsFrom(origins),
      buckets,
      serviceBucket,
      uploads,
      parked,
      heavyQueue: this.addHeavyQueue(encryptionKey),
      apis: new Series<IConstruct>(),
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

  private chooseModel(settings: CoreSettings, given: ModelPackage | undefined): ModelPackage {
    const model = given ?? ModelPackage.sample();
    requireMemory(model.manifest, settings);
    if (given === undefined) {
      Annotations.of(this).addWarningV2(
        'autoswiftnet:sample-model',
        'It has the sample model, which knows only drawn pictures of 32 things. Give it a package in its prop model: ModelPackage.fromFolder(path).',
      );
    }
    return model;
  }

  private addImages(
    { corsOrigins, noncurrentDays, keepData }: CoreSettings,
    { watch = {}, encryptionKey }: AutoSwiftNetProps,
    queues: Pick<Core, 'uploads' | 'parked'>,
  ): ImageBucket {
    return new ImageBucket(this, 'Images', {
      queues: this.eventQueues(queues),
      watch,
      corsOrigins,
      noncurrentDays,
      keepData,
      encryptionKey: encryptionKey ?? null,
    });
  }

  private addUploads(
    { tagBatchSize, tagBatchWindowSeconds }: CoreSettings,
    parked: LastQueue,
    encryptionKey: IKey | null,
  ): WorkQueue {
    return new WorkQueue(this, 'Uploads', {
      encryptionKey,
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
  private addHeavyQueue(encryptionKey: IKey | null): WorkQueue {
    return new WorkQueue(this, 'HeavyQueue', {
      encryptionKey,
      visibilityTimeout: Duration.seconds(heavy.VISIBILITY_TIMEOUT_SECONDS),
      maxReceiveCount: heavy.MAX_RECEIVE_COUNT,
      retentionDays: heavy.RETENTION_DAYS,
      deadLetterRetentionDays: heavy.DEAD_LETTER_RETENTION_DAYS,
    });
  }
}

/** What is different from a bucket that is watched as a whole. */
function filterOutputs({ prefix, suffix, source }: WatchOptions = {}) {
  return {
    ...(prefix ? { ImagePrefix: prefix } : {}),
    ...(suffix ? { ImageSuffix: suffix } : {}),
    ...(source === 'event-bridge' ? { ImageEvents: source } : {}),
  };
}

/**
 * Names the service in metrics and logs: the name of its stack, and where a stack may have several
 * services the path of this one too. `Default` is no part of a path for the CDK either.
 */
function nameOf(service: AutoSwiftNet): string {
  const stack = Stack.of(service);
  if (service.node.scope === stack && service.node.id === 'Default') return stack.stackName;
  return Names.uniqueResourceName(service, { maxLength: MAX_NAME_LENGTH, separator: '-' });
}
