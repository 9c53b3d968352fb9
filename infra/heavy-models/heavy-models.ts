import { Duration, Stack } from 'aws-cdk-lib';
import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { ISecurityGroup } from 'aws-cdk-lib/aws-ec2';
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
  PropagatedTagSource,
  TaskDefinition,
} from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { ConfigurationError } from '../../functions/errors.ts';
import { gpuWorkerEnvironmentSchema } from '../../functions/gpu-worker/settings.ts';
import { THUMBNAIL_PREFIX } from '../../functions/thumbnails/thumbnail-prefix.ts';
import type { ModelPackage } from '../artefacts/model-package.ts';
import type { WorkerImage } from '../artefacts/worker-image.ts';
import { requireGpus } from '../configuration/gpu-instance-types.ts';
import { readSettings } from '../configuration/read-settings.ts';
import { PROP_KINDS, requireProps } from '../configuration/require-props.ts';
import type { Core } from '../core/core.ts';
import { keyGrants } from '../core/keys.ts';
import { addLogGroup } from '../core/log-group.ts';
import { addOutputs } from '../core/outputs.ts';
import { TAGGING_ACTIONS } from '../core/tagging-actions.ts';
import { type FunctionVariables, variablesOf } from '../core/variables.ts';
import { acknowledge, wildcardResource } from '../parts/acknowledge.ts';
import type { WorkQueue } from '../parts/work-queue.ts';
import { containerImage } from './container-image.ts';
import { HeavyLimit } from './heavy-limit.ts';
import { addMachines } from './heavy-machines.ts';
import type { HeavyModelsProps } from './heavy-models-props.ts';
import { HeavyNetwork } from './heavy-network.ts';
import { HeavyPackages } from './heavy-packages.ts';
import { HeavyScaling } from './heavy-scaling.ts';
import { HeavyTaskCount } from './heavy-task-count.ts';
import { HeavyWaking } from './heavy-waking.ts';
import { requireKnownModels, requireModels, requireOneNetwork } from './require-heavy-props.ts';
import { HEAVY_SETTINGS, type HeavySettings } from './settings.ts';

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

/**
 * A machine has as many tasks as GPUs, so the old task must end before the new one can start. Tasks
 * get the tags of the service, so that their costs can be told apart.
 */
const DEPLOYMENT = {
  minHealthyPercent: 0,
  maxHealthyPercent: 100,
  circuitBreaker: { rollback: true },
  propagateTags: PropagatedTagSource.SERVICE,
};

/** Time to download and open a model of 355 MB. */
const START_PERIOD = Duration.minutes(5);

/**
 * The heavy models: GPU tasks on machines that ECS manages. They scale from zero and back to zero.
 */
export class HeavyModels extends Construct {
  /** The ECS service of the workers. */
  readonly service: FargateService;
  /** Security group of the machines: all outbound traffic, no inbound traffic. */
  readonly securityGroup: ISecurityGroup;
  /** @internal */
  readonly limit: HeavyLimit;
  /** @internal */
  readonly settings: HeavySettings;
  private readonly taskDefinition: TaskDefinition;
  private readonly logGroup: LogGroup;

  /**
   * @throws {ConfigurationError} when a prop is out of its range or of another kind, a rule names an
   * unknown model, or the service has heavy models already
   */
  constructor(scope: Construct, id: string, props: HeavyModelsProps) {
    super(scope, id);
    requireProps(
      'HeavyModels',
      props,
      { service: PROP_KINDS.service, image: PROP_KINDS.image },
      { vpc: PROP_KINDS.vpc },
    );
    requireModels(props.models);
    requireOneNetwork(props);
    const settings = readSettings('HeavyModels', HEAVY_SETTINGS, props);
    requireKnownModels(settings.modelRules, props);
    requireGpus(settings.gpuInstanceTypes);
    this.settings = settings;
    if (props.service.core.heavyModels.all.length > 0) {
      throw new ConfigurationError(
        `${props.service.node.path} has heavy models already. Give all packages to one HeavyModels, in its prop models.`,
      );
    }
    const link = heavyVariables(settings, props.models, props.service.core.heavyQueue);
    const core = { ...props.service.core, variables: { ...props.service.core.variables, ...link } };
    const network = new HeavyNetwork(this, 'Network', { ...props, network: settings.network });
    this.securityGroup = network.machines as ISecurityGroup;
    const cluster = new Cluster(this, 'Cluster', { vpc: network.vpc });
    acknowledge(cluster, {
      'AwsSolutions-ECS4':
        'Container Insights costs money per metric; the queue and the worker already report what matters.',
    });
    const provider = addMachines(this, cluster, network, settings);
    this.taskDefinition = new TaskDefinition(this, 'Task', {
      compatibility: Compatibility.MANAGED_INSTANCES,
      networkMode: NetworkMode.HOST,
      cpu: TASK.cpu,
      memoryMiB: TASK.memoryMiB,
    });
    const packages = new HeavyPackages(this, 'Packages', props.models);
    this.logGroup = addLogGroup(this, 'Logs', core);
    this.addWorker(core, packages, props.image);
    this.grant(core, packages);
    this.service = this.addService(core, cluster, network, provider);
    new HeavyScaling(this, 'Scaling', { service: this.service, queue: core.heavyQueue.queue, settings });
    new HeavyWaking(this, 'Waking', core);
    this.limit = new HeavyLimit(this, 'Limit', core, {
      service: this.service,
      gpuHoursPerDay: settings.gpuHoursPerDay,
    });
    core.heavyModels.add(link);
    addOutputs(this, core, {
      HeavyQueueUrl: core.heavyQueue.queue.queueUrl,
      HeavyDeadLettersUrl: core.heavyQueue.deadLetters.queueUrl,
      HeavyLogs: this.logGroup.logGroupName,
      GpuMachines: settings.gpuSpot ? 'spot' : 'on-demand',
    });
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
    const { gpuSpot } = this.settings;
    const serviceName = gpuSpot ? 'heavy-spot' : 'heavy';
    const { count } = new HeavyTaskCount(this, 'TaskCount', core, {
      cluster,
      serviceName,
      serviceProperties: {
        TaskDefinition: this.taskDefinition.taskDefinitionArn,
        CapacityProvider: provider.capacityProviderName,
        Deployment: JSON.stringify(DEPLOYMENT),
      },
      serviceTags: () => resourceOf(this.service).tags.renderTags(),
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
    resourceOf(service).addPropertyDeletionOverride('NetworkConfiguration');
    return service;
  }

  private addWorker(core: Core, packages: HeavyPackages, image: WorkerImage): ContainerDefinition {
    return this.taskDefinition.addContainer('Worker', {
      image: containerImage(this, image),
      gpuCount: 1,
      memoryLimitMiB: Number(TASK.memoryMiB),
      stopTimeout: Duration.seconds(STOP_TIMEOUT_SECONDS),
      logging: LogDriver.awsLogs({ logGroup: this.logGroup, streamPrefix: 'worker' }),
      healthCheck: { command: ['CMD', 'node', '-e', ASK_HEALTH], startPeriod: START_PERIOD },
      environment: {
        AWS_REGION: Stack.of(this).region,
        ...variablesOf(gpuWorkerEnvironmentSchema, {
          ...core.variables,
          AUTOSWIFTNET_HEAVY_PACKAGES: packages.variable,
          AUTOSWIFTNET_PROVIDERS: this.settings.cpuFallback ? 'cuda,cpu' : 'cuda',
          AUTOSWIFTNET_WORKER_PORT: '0',
          AUTOSWIFTNET_WORKER_PORT_FILE: PORT_FILE,
          AUTOSWIFTNET_STOP_SECONDS: String(WORKER_STOP_SECONDS),
        }),
      },
    });
  }

  private grant(
    { buckets, serviceBucket, table, results, heavyQueue, settings, keys }: Core,
    packages: HeavyPackages,
  ): void {
    const jobs = serviceBucket.arnForObjects('jobs/*');
    const thumbnails = serviceBucket.arnForObjects(`${THUMBNAIL_PREFIX}*`);
    acknowledge(this.taskDefinition, {
      [wildcardResource(this, jobs)]: 'The images of all jobs.',
      [wildcardResource(this, thumbnails)]: 'The thumbnails of all images.',
      'AwsSolutions-IAM5[Resource::*]':
        'The execution role gets an ECR token; this action cannot be limited to a resource.',
      'AwsSolutions-ECS2': 'The variables hold names, addresses and numbers, and no secret.',
    });
    buckets.forEach(({ bucket, objects, keyArn }) => {
      acknowledge(this.taskDefinition, {
        [wildcardResource(this, objects)]: 'All watched objects of this one bucket.',
      });
      this.allow(['s3:GetObject', 's3:GetObjectVersion'], [objects]);
      if (settings.tagLabels > 0) this.allow(TAGGING_ACTIONS, [objects]);
      this.allow(['s3:ListBucket'], [bucket.bucketArn]);
      if (keyArn !== null) this.allow(['kms:Decrypt'], [keyArn]);
    });
    this.allow(['s3:GetObject'], [jobs, ...packages.arns]);
    this.allow(['dynamodb:Query', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem'], [table.tableArn]);
    this.allow(['s3:DeleteObject'], [thumbnails]);
    this.allow(['sns:Publish'], [results.topicArn]);
    const uses = { reads: ['table', 'serviceBucket', 'queues'], sends: ['results'] } as const;
    for (const { actions, resources } of keyGrants(keys, uses)) this.allow(actions, resources);
    this.allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'], [heavyQueue.queue.queueArn]);
  }

  private allow(actions: readonly string[], resources: readonly string[]): void {
    this.taskDefinition.addToTaskRolePolicy(new PolicyStatement({ actions: [...actions], resources: [...resources] }));
  }
}

function resourceOf({ node }: FargateService): CfnService {
  if (node.defaultChild instanceof CfnService) return node.defaultChild;
  throw new TypeError('the default child of the service is not a CfnService');
}

/** Variables of every function that sends to the heavy queue. */
function heavyVariables(
  { modelRules, cascadeThreshold }: HeavySettings,
  models: readonly ModelPackage[],
  { queue }: WorkQueue,
): FunctionVariables {
  const [first = '', ...more] = models.map(({ name }) => name);
  return {
    AUTOSWIFTNET_HEAVY_MODEL: first,
    ...(more.length === 0 ? {} : { AUTOSWIFTNET_HEAVY_MODELS: more.join(',') }),
    AUTOSWIFTNET_HEAVY_QUEUE_URL: queue.queueUrl,
    AUTOSWIFTNET_MODEL_RULES: JSON.stringify(modelRules),
    AUTOSWIFTNET_CASCADE_THRESHOLD: String(cascadeThreshold),
  };
}
