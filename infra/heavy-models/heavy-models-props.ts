import type { IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { ModelPackage } from '../artefacts/model-package.ts';
import type { WorkerImage } from '../artefacts/worker-image.ts';
import type { AutoSwiftNet } from '../tagging/auto-swift-net.ts';

export interface HeavyModelsProps {
  /** What asks the heavy models. */
  readonly service: AutoSwiftNet;
  /** The packages, at least one. The first is asked unless a request names another. */
  readonly models: readonly ModelPackage[];
  /** The container image of the worker. */
  readonly image: WorkerImage;
  /**
   * Which model tags which key prefix, such as `{ 'scans/': 'auto' }`: the name of a model, or
   * `auto` for the cascade.
   * @default - the small model tags all
   */
  readonly modelRules?: Readonly<Record<string, string>> | undefined;
  /**
   * `auto` asks the heavy model when the best probability of the small model is below this, 0 to 1.
   * @default 0.5
   */
  readonly cascadeThreshold?: number | undefined;
  /**
   * GPU instance types that may be started; x86-64 and NVIDIA only.
   * @default g4dn.xlarge, g5.xlarge, g6.xlarge
   */
  readonly gpuInstanceTypes?: readonly string[] | undefined;
  /**
   * Whether Spot instances are used: cheaper, but not always available.
   * @default false
   */
  readonly gpuSpot?: boolean | undefined;
  /**
   * Whether the worker computes on the CPU where its GPU cannot be used: slow answers at the price of
   * a GPU.
   * @default false
   */
  readonly cpuFallback?: boolean | undefined;
  /**
   * Highest number of GPU tasks that run at the same time, 1 to 100.
   * @default 2
   */
  readonly gpuMaxTasks?: number | undefined;
  /**
   * GPU hours that the machines may run in a day (UTC), all together, 1 to 2,400. After that the
   * service is stopped until midnight.
   * @default 8
   */
  readonly gpuHoursPerDay?: number | undefined;
  /**
   * Waiting and running requests per GPU task, 1 to 100,000; more requests start another task.
   * @default 100
   */
  readonly gpuMessagesPerTask?: number | undefined;
  /**
   * Subnets of the GPU tasks in the network that is created: `public` costs nothing while idle and
   * takes no inbound traffic, `private` has no internet, and endpoints that cost money by the hour.
   * @default public
   */
  readonly network?: 'public' | 'private' | undefined;
  /**
   * A network of your own. The machines must reach ECR, ECS, CloudWatch Logs, SQS, SNS, S3 and
   * DynamoDB from it.
   * @default - a network is created, as `network` says
   */
  readonly vpc?: IVpc | undefined;
  /**
   * Subnets of `vpc` for the machines.
   * @default - the private subnets of `vpc`
   */
  readonly subnets?: SubnetSelection | undefined;
}
