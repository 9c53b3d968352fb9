import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { ModelPackage } from '../artefacts/model-package.ts';
import type { ServiceCode } from '../artefacts/service-code.ts';
import type { WatchOptions } from '../storage/watch-options.ts';

export interface AutoSwiftNetProps {
  /**
   * The small model.
   * @default ModelPackage.sample(), with a warning: it knows only drawn pictures
   */
  readonly model?: ModelPackage | undefined;
  /**
   * A bucket whose images are tagged, and to which the API uploads. `addBucket` adds more.
   * @default - a bucket is created: private, encrypted, versioned
   */
  readonly bucket?: IBucket | undefined;
  /**
   * Which objects of the bucket are tagged, and how their events come.
   * @default - all objects, by notifications of the bucket
   */
  readonly watch?: WatchOptions | undefined;
  /**
   * A table for the records. Which keys and indexes it needs is below, under "A table of your own".
   * @default - a table is created
   */
  readonly table?: ITable | undefined;
  /**
   * A topic for the results. It must accept messages of the functions' roles.
   * @default - a topic is created
   */
  readonly results?: ITopic | undefined;
  /**
   * A key of your own for what the constructs create and what keeps data: buckets, queues, table,
   * topics and logs. A table or topic that you bring keeps its key.
   * @default - keys of AWS
   */
  readonly encryptionKey?: IKey | undefined;
  /**
   * Processor architecture of the functions.
   * @default arm64
   */
  readonly architecture?: 'arm64' | 'x64' | undefined;
  /**
   * Memory in MB of each function with a model, 256 to 10,240; 1,769 MB is one full vCPU.
   * @default 1769
   */
  readonly memoryMb?: number | undefined;
  /**
   * Highest number of tagging functions that run at the same time, 2 to 1,000.
   * @default 4
   */
  readonly tagConcurrency?: number | undefined;
  /**
   * Most uploads in one call of the tagging function, 1 to 100.
   * @default 10
   */
  readonly tagBatchSize?: number | undefined;
  /**
   * Seconds to wait for a full batch, 0 to 300. More than 10 uploads in a batch need at least 1.
   * @default 0
   */
  readonly tagBatchWindowSeconds?: number | undefined;
  /**
   * Number of labels that become object tags, 0 to 3. With 0 the results go to the record only, and
   * no function may tag.
   * @default 1
   */
  readonly tagLabels?: number | undefined;
  /**
   * Lowest probability for a second or third label tag, 0 to 1.
   * @default 0.1
   */
  readonly tagThreshold?: number | undefined;
  /**
   * Whether the concept of an image becomes the tag `autoswiftnet:concept`.
   * @default false
   */
  readonly tagConcept?: boolean | undefined;
  /**
   * Lowest probability of the concept of an answer, 0 to 1.
   * @default 0.8
   */
  readonly conceptThreshold?: number | undefined;
  /**
   * Lowest probability at which a label or concept is indexed for search, 0 to 1.
   * @default 0.1
   */
  readonly indexThreshold?: number | undefined;
  /**
   * Images with more bytes are rejected.
   * @default 50000000
   */
  readonly maxImageBytes?: number | undefined;
  /**
   * Images with more pixels are rejected, and AVIF with more than three tenths of it.
   * @default 100000000
   */
  readonly maxImagePixels?: number | undefined;
  /**
   * Whether HEIC images are decoded. If not, they are rejected.
   * @default true
   */
  readonly heic?: boolean | undefined;
  /**
   * Origins whose pages may use the API and upload to the created bucket, each with at most one `*`.
   * @default - only the page of `Page`
   */
  readonly corsOrigins?: readonly string[] | undefined;
  /**
   * Days that replaced versions stay in the created bucket, 1 to 3,650.
   * @default 30
   */
  readonly noncurrentDays?: number | undefined;
  /**
   * Days that logs are kept: 1, 3, 5, 7, 14, 30, 60, 90, 180 or 365.
   * @default 30
   */
  readonly logRetentionDays?: number | undefined;
  /**
   * Whether X-Ray traces the functions and the runs of `Backfill`, which costs money for each trace.
   * @default true
   */
  readonly tracing?: boolean | undefined;
  /**
   * Whether DynamoDB refuses to delete the created table.
   * @default false
   */
  readonly protect?: boolean | undefined;
  /**
   * Whether the created bucket and table stay when the stack is deleted.
   * @default true
   */
  readonly keepData?: boolean | undefined;
  /**
   * Whether the stack gets outputs, by which `npx autoswiftnet --stack` finds the service.
   * @default true
   */
  readonly outputs?: boolean | undefined;
  /**
   * What the names of the outputs begin with: letters and digits. It names the service on the command
   * line (`--service`), where a stack has several.
   * @default - the ids from the stack to the construct, such as `Tagging`
   */
  readonly outputPrefix?: string | undefined;
  /** @internal */
  readonly code?: ServiceCode | undefined;
}
