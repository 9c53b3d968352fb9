import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { LayerVersion } from 'aws-cdk-lib/aws-lambda';
import type { Bucket, IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IConstruct } from 'constructs';
import type { ServiceCode } from '../artefacts/service-code.ts';
import type { LastQueue, WorkQueue } from '../parts/work-queue.ts';
import type { WatchedBucket } from '../storage/watched-bucket.ts';
import type { Keys } from './keys.ts';
import type { Series } from './series.ts';
import type { CoreSettings } from './settings.ts';
import type { FunctionVariables } from './variables.ts';

/** What the constructs that run something share. */
export interface Core {
  /** Tells this service from others in the same account and region: in metrics, logs and alarms. */
  readonly name: string;
  readonly settings: CoreSettings;
  /** What the names of its outputs begin with. Null: it writes none. */
  readonly outputPrefix: string | null;
  readonly code: ServiceCode;
  readonly layers: readonly LayerVersion[];
  /** Encrypts what the constructs create. Null: AWS does so with keys of its own. */
  readonly encryptionKey: IKey | null;
  /** What the functions need rights on, beside the keys of the watched buckets. */
  readonly keys: Keys;
  /** The bucket that the API uploads to. */
  readonly bucket: IBucket;
  /** Lets pages of these origins upload to the bucket. An existing bucket keeps its own CORS rules. */
  readonly allowUploadsFrom: (origins: readonly string[]) => void;
  /** All watched buckets. */
  readonly buckets: Series<WatchedBucket>;
  readonly serviceBucket: Bucket;
  /** Receives the events of the watched buckets. */
  readonly uploads: WorkQueue;
  /** Receives the dead letters of the uploads that failed alone as well, or that cannot be read. */
  readonly parked: LastQueue;
  /** Receives the requests to the heavy models. Without heavy models nothing sends to it. */
  readonly heavyQueue: WorkQueue;
  /** The constructs of its APIs. */
  readonly apis: Series<IConstruct>;
  /** For each construct of heavy models, the variables of the functions that send to its queue. */
  readonly heavyModels: Series<FunctionVariables>;
  readonly table: ITable;
  readonly results: ITopic;
  /** All variables that a function may need. `variablesOf` selects from them. */
  readonly variables: FunctionVariables;
}
