/** How images come: so many that every call has a full batch, or one at a time. */
export type Load = 'full queue' | 'lone uploads';

/** What tagging an image took when it was measured. */
export interface Measured {
  /** Time of a function with one vCPU. */
  readonly wallMs: number;
  /** Processor time of it. */
  readonly processorMs: number;
  readonly imagesPerCall: number;
  /** Calls of one image, such as `s3:GetObject`. */
  readonly calls: Readonly<Record<string, number>>;
}

/** The model that was measured. The heavier a model, the more the compute costs. */
export const MEASURED_MODEL = 'resnet50_swsl.int8';

const CALLS = {
  'dynamodb:Query': 2,
  's3:GetObject': 1,
  'dynamodb:PutItem': 2,
  's3:GetObjectTagging': 1,
  's3:PutObjectTagging': 1,
  'sns:Publish': 1,
};

/**
 * Figures of `bench/results/tagging.json`, which the npm package lacks. A test compares the two.
 */
export const MEASURED: Readonly<Record<Load, Measured>> = {
  'full queue': { wallMs: 65.8, processorMs: 55.7, imagesPerCall: 10, calls: CALLS },
  'lone uploads': { wallMs: 141.9, processorMs: 57.5, imagesPerCall: 1, calls: CALLS },
};
