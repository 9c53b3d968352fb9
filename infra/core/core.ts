import type { LayerVersion } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { Artefacts } from '../artefacts/artefacts.ts';
import type { Configuration } from '../configuration/configuration.ts';
import type { LastQueue, WorkQueue } from '../parts/work-queue.ts';
import type { WatchedBucket } from '../storage/image-bucket.ts';
import type { RecordsTable } from '../storage/table.ts';
import type { FunctionVariables } from './variables.ts';

/** What the constructs that run something share. */
export interface Core {
  readonly configuration: Configuration;
  readonly artefacts: Artefacts;
  readonly layers: readonly LayerVersion[];
  readonly bucket: WatchedBucket;
  readonly serviceBucket: Bucket;
  /** Receives the events of the watched bucket. */
  readonly uploads: WorkQueue;
  /** Receives the dead letters of the uploads that failed alone as well, or that cannot be read. */
  readonly parked: LastQueue;
  /** Receives the requests to the heavy model, or null without a heavy model. */
  readonly heavyQueue: WorkQueue | null;
  readonly table: RecordsTable;
  readonly results: Topic;
  /** All variables that a function may need. `variablesOf` selects from them. */
  readonly variables: FunctionVariables;
}
