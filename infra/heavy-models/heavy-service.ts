import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import {
  CfnService,
  Cluster,
  Compatibility,
  type ContainerDefinition,
  FargateService,
  type ICluster,
  LogDriver,
  type ManagedInstancesCapacityProvider,
  NetworkMode,
  TaskDefinition,
} from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { gpuWorkerEnvironmentSchema } from '../../functions/gpu-worker/settings.ts';
import { THUMBNAIL_PREFIX } from '../../functions/thumbnails/thumbnail-prefix.ts';
import type { Core } from '../core/core.ts';
import { TAGGING_ACTIONS } from '../core/tagging-actions.ts';
import { variablesOf } from '../core/variables.ts';
import { acknowledge, wildcardResource } from '../parts/acknowledge.ts';
import type { WorkQueue } from '../parts/work-queue.ts';
import { HeavyLimit } from './heavy-limit.ts';
import { addMachines } from './heavy-machines.ts';
import { HeavyNetwork } from './heavy-network.ts';
import { HeavyPackages } from './heavy-packages.ts';
import { HeavyScaling } from './heavy-scaling.ts';
import { HeavyTaskCount } from './heavy-task-count.ts';
import { HeavyWaking } from './heavy-waking.ts';
import { workerImage } from './worker-image.ts';

/** The longest time that ECS waits between SIGTERM and SIGKILL. Spot gives the same notice. */
const STOP_TIMEOUT_SECONDS = 120;
/** The worker ends by itself before ECS kills it. */
const WORKER_STOP_SECONDS = STOP_TIMEOUT_SECONDS - 10;

/** The smallest machines (heavy-machines.ts), minus what ECS and the system use. */
const TASK = { cpu: '3072', memoryMiB: '12288' } as const;

/**
 * In host mode the tasks of one machine share its ports, and a machine with several GPUs runs
 * several tasks. So each takes a free port and writes it into a file of its own container.
 */
const PORT_FILE = '/tmp/autoswiftnet-worker-port';
const ASK_HEALTH = `fetch('http://127.0.0.1:' + require('fs').readFileSync('${PORT_FILE}', 'utf8') + '/health').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))`;

/** A machine has as many tasks as GPUs, so the old task must end before the new one can start. */
const DEPLOYMENT = { minHealthyPercent: 0, maxHealthyPercent: 100, circuitBreaker: { rollback: true } };

/** Time to download and open a model of 355 MB. */
const START_PERIOD = Duration.minutes(5);

/**
 * The heavy service: GPU tasks on machines that ECS manages. It scales from zero and back to zero.
 */
export class HeavyService extends Construct {
  readonly service: FargateService;
  readonly limit: HeavyLimit;
  private readonly taskDefinition: TaskDefinition;

  constructor(scope: Construct, id: string, core: Core, queue: WorkQueue) {
    super(scope, id);
    const { configuration } = core;
    const network = new HeavyNetwork(this, 'Network', configuration);
    const cluster = new Cluster(this, 'Cluster', { vpc: network.vpc });
    acknowledge(cluster, {
      'AwsSolutions-ECS4':
        'Container Insights costs money per metric; the queue and the worker already report what matters.',
    });
    const provider = addMachines(this, cluster, network, configuration);
    this.taskDefinition = new TaskDefinition(this, 'Task', {
      compatibility: Compatibility.MANAGED_INSTANCES,
      networkMode: NetworkMode.HOST,
      cpu: TASK.cpu,
      memoryMiB: TASK.memoryMiB,
    });
    const packages = new HeavyPackages(this, 'Packages', core.artefacts.heavyPackages);
    this.addWorker(core, packages);
    this.grant(core, queue, packages);
    this.service = this.addService(core, cluster, network, provider);
    new HeavyScaling(this, 'Scaling', { service: this.service, queue: queue.queue, configuration });
    new HeavyWaking(this, 'Waking', core, queue);
    this.limit = new HeavyLimit(this, 'Limit', core, this.service);
  }

  /**
   * Number of running tasks times minutes. ECS counts tasks only with Container Insights, but each
   * running task reports its CPU use once a minute.
   */
  runningTasks(period = Duration.minutes(1)): IMetric {
    return this.service.metricCpuUtilization({ statistic: 'SampleCount', period });
  }

  private addService(
    core: Core,
    cluster: Cluster,
    network: HeavyNetwork,
    provider: ManagedInstancesCapacityProvider,
  ): FargateService {
    const { gpuSpot } = core.configuration;
    const serviceName = gpuSpot ? 'heavy-spot' : 'heavy';
    const { count } = new HeavyTaskCount(this, 'TaskCount', core, {
      cluster,
      serviceName,
      serviceProperties: {
        TaskDefinition: this.taskDefinition.taskDefinitionArn,
        CapacityProvider: provider.capacityProviderName,
        Deployment: JSON.stringify(DEPLOYMENT),
      },
    });
    // Machines cannot change between on demand and Spot, so each has a service of its own.
    const service = new FargateService(this, gpuSpot ? 'SpotService' : 'Service', {
      serviceName,
      // Under exactOptionalPropertyTypes, the classes of the CDK do not quite match its interfaces.
      cluster: cluster as ICluster,
      taskDefinition: this.taskDefinition,
      capacityProviderStrategies: [{ capacityProvider: provider.capacityProviderName, weight: 1 }],
      securityGroups: [network.machines],
      desiredCount: count,
      ...DEPLOYMENT,
    });
    service.node.addDependency(provider);
    // The CDK assumes that every FargateService is in awsvpc mode, but in host mode ECS refuses a
    // network configuration.
    const resource = service.node.defaultChild;
    if (!(resource instanceof CfnService)) throw new TypeError('the default child of the service is not a CfnService');
    resource.addPropertyDeletionOverride('NetworkConfiguration');
    return service;
  }

  private addWorker({ configuration, artefacts, variables }: Core, packages: HeavyPackages): ContainerDefinition {
    const logGroup = new LogGroup(this, 'Logs', {
      retention: configuration.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    return this.taskDefinition.addContainer('Worker', {
      image: workerImage(this, configuration.gpuImage, artefacts.workerImage),
      gpuCount: 1,
      memoryLimitMiB: Number(TASK.memoryMiB),
      stopTimeout: Duration.seconds(STOP_TIMEOUT_SECONDS),
      logging: LogDriver.awsLogs({ logGroup, streamPrefix: 'worker' }),
      healthCheck: { command: ['CMD', 'node', '-e', ASK_HEALTH], startPeriod: START_PERIOD },
      environment: {
        AWS_REGION: Stack.of(this).region,
        ...variablesOf(gpuWorkerEnvironmentSchema, {
          ...variables,
          AUTOSWIFTNET_HEAVY_PACKAGES: packages.variable,
          AUTOSWIFTNET_PROVIDERS: configuration.cpuFallback ? 'cuda,cpu' : 'cuda',
          AUTOSWIFTNET_WORKER_PORT: '0',
          AUTOSWIFTNET_WORKER_PORT_FILE: PORT_FILE,
          AUTOSWIFTNET_STOP_SECONDS: String(WORKER_STOP_SECONDS),
        }),
      },
    });
  }

  private grant(
    { bucket, serviceBucket, table, results, configuration }: Core,
    queue: WorkQueue,
    packages: HeavyPackages,
  ): void {
    const objects = bucket.arnForObjects('*');
    const jobs = serviceBucket.arnForObjects('jobs/*');
    const thumbnails = serviceBucket.arnForObjects(`${THUMBNAIL_PREFIX}*`);
    acknowledge(this.taskDefinition, {
      [wildcardResource(this, objects)]: 'All objects of this one bucket.',
      [wildcardResource(this, jobs)]: 'The images of all jobs.',
      [wildcardResource(this, thumbnails)]: 'The thumbnails of all images.',
      'AwsSolutions-IAM5[Resource::*]':
        'The execution role gets an ECR token; this action cannot be limited to a resource.',
      'AwsSolutions-ECS2': 'The variables hold names, addresses and numbers, and no secret.',
    });
    this.allow(['s3:GetObject', 's3:GetObjectVersion'], [objects]);
    if (configuration.tagLabels > 0) this.allow(TAGGING_ACTIONS, [objects]);
    this.allow(['s3:ListBucket'], [bucket.bucketArn]);
    this.allow(['s3:GetObject'], [jobs, ...packages.arns]);
    this.allow(['dynamodb:Query', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem'], [table.tableArn]);
    this.allow(['s3:DeleteObject'], [thumbnails]);
    this.allow(['sns:Publish'], [results.topicArn]);
    this.allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'], [queue.queue.queueArn]);
  }

  private allow(actions: readonly string[], resources: readonly string[]): void {
    this.taskDefinition.addToTaskRolePolicy(new PolicyStatement({ actions: [...actions], resources: [...resources] }));
  }
}
