import { Duration, RemovalPolicy, Size, Stack } from 'aws-cdk-lib';
import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { AcceleratorManufacturer, AcceleratorType } from 'aws-cdk-lib/aws-ec2';
import {
  CapacityOptionType,
  CfnCapacityProvider,
  CfnService,
  Cluster,
  Compatibility,
  type ContainerDefinition,
  FargateService,
  type ICluster,
  LogDriver,
  ManagedInstancesCapacityProvider,
  NetworkMode,
  TaskDefinition,
} from 'aws-cdk-lib/aws-ecs';
import { CfnInstanceProfile, CfnRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { gpuWorkerEnvironmentSchema } from '../functions/gpu-worker/settings.ts';
import { acknowledge, wildcardResource } from './acknowledge.ts';
import type { Core } from './core.ts';
import { HeavyNetwork } from './heavy-network.ts';
import { HeavyPackages } from './heavy-packages.ts';
import { HeavyScaling } from './heavy-scaling.ts';
import { HeavyWaking } from './heavy-waking.ts';
import { regionalName } from './regional-name.ts';
import { TAGGING_ACTIONS } from './tagging-actions.ts';
import { variablesOf } from './variables.ts';
import type { WorkQueue } from './work-queue.ts';
import { workerImage } from './worker-image.ts';

/** The longest time that ECS waits between SIGTERM and SIGKILL. Spot gives the same notice. */
const STOP_TIMEOUT_SECONDS = 120;
/** The worker ends by itself before ECS kills it. */
const WORKER_STOP_SECONDS = STOP_TIMEOUT_SECONDS - 10;

/**
 * The smallest machines have 4 vCPUs and 16 GiB. A task gets that, minus what ECS and the system
 * use.
 */
const MACHINE = { vCpus: 4, memoryGib: 16 } as const;
const TASK = { cpu: '3072', memoryMiB: '12288' } as const;

/**
 * A machine without a task is stopped after this long. Requests that come earlier find a machine
 * that has the image. ECS takes 0 to 3600 s.
 */
const MACHINE_IDLE_SECONDS = 300;

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MAX_ROLE_NAME_LENGTH = 64;

/** Space for an image of about 5 GB, the packages, and the system. */
const DISK_GIB = 80;

/**
 * In host mode the tasks of one machine share its ports, and a machine with several GPUs runs
 * several tasks. So each takes a free port and writes it into a file of its own container.
 */
const PORT_FILE = '/tmp/autoswiftnet-worker-port';
const ASK_HEALTH = `fetch('http://127.0.0.1:' + require('fs').readFileSync('${PORT_FILE}', 'utf8') + '/health').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))`;

/** Time to download and open a model of 355 MB. */
const START_PERIOD = Duration.minutes(5);

/** Findings on the roles that the CDK creates for managed instances. */
const INFRASTRUCTURE_POLICY =
  'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/AmazonECSInfrastructureRolePolicyForManagedInstances]';
const CONTAINER_INSTANCES =
  'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>:container-instance/*]';

/**
 * The heavy service: GPU tasks on machines that ECS manages. It scales from zero and back to zero.
 */
export class HeavyService extends Construct {
  readonly service: FargateService;
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
    const provider = this.addMachines(cluster, network, core);
    this.taskDefinition = new TaskDefinition(this, 'Task', {
      compatibility: Compatibility.MANAGED_INSTANCES,
      networkMode: NetworkMode.HOST,
      cpu: TASK.cpu,
      memoryMiB: TASK.memoryMiB,
    });
    const packages = new HeavyPackages(this, 'Packages', core.artefacts.heavyPackages);
    this.addWorker(core, packages);
    this.grant(core, queue, packages);
    // A deployment sets the count to zero. The alarm repeats its action every minute and corrects
    // the count.
    this.service = new FargateService(this, 'Service', {
      // Under exactOptionalPropertyTypes, the classes of the CDK do not quite match its interfaces.
      cluster: cluster as ICluster,
      taskDefinition: this.taskDefinition,
      capacityProviderStrategies: [{ capacityProvider: provider.capacityProviderName, weight: 1 }],
      securityGroups: [network.machines],
      desiredCount: 0,
      minHealthyPercent: 0,
      maxHealthyPercent: 100,
      circuitBreaker: { rollback: true },
    });
    this.service.node.addDependency(provider);
    // The CDK assumes that every FargateService is in awsvpc mode, but in host mode ECS refuses a
    // network configuration.
    const resource = this.service.node.defaultChild;
    if (!(resource instanceof CfnService)) throw new TypeError('the default child of the service is not a CfnService');
    resource.addPropertyDeletionOverride('NetworkConfiguration');
    new HeavyScaling(this, 'Scaling', { service: this.service, queue: queue.queue, configuration });
    new HeavyWaking(this, 'Waking', core, queue);
  }

  /**
   * Number of running tasks times minutes. ECS counts tasks only with Container Insights, but each
   * running task reports its CPU use once a minute.
   */
  runningTasks(period = Duration.minutes(1)): IMetric {
    return this.service.metricCpuUtilization({ statistic: 'SampleCount', period });
  }

  private addMachines(
    cluster: Cluster,
    network: HeavyNetwork,
    { configuration }: Core,
  ): ManagedInstancesCapacityProvider {
    const provider = new ManagedInstancesCapacityProvider(this, 'Machines', {
      subnets: configuration.network === 'public' ? network.vpc.publicSubnets : network.vpc.isolatedSubnets,
      securityGroups: [network.machines],
      taskVolumeStorage: Size.gibibytes(DISK_GIB),
      capacityOptionType: configuration.gpuSpot ? CapacityOptionType.SPOT : CapacityOptionType.ON_DEMAND,
      instanceRequirements: {
        vCpuCountMin: MACHINE.vCpus,
        memoryMin: Size.gibibytes(MACHINE.memoryGib),
        acceleratorTypes: [AcceleratorType.GPU],
        acceleratorManufacturers: [AcceleratorManufacturer.NVIDIA],
        acceleratorCountMin: 1,
        allowedInstanceTypes: [...configuration.gpuInstanceTypes],
      },
    });
    cluster.addManagedInstancesCapacityProvider(provider);
    nameByRegion(provider);
    const resource = provider.node.findAll().find((child) => child instanceof CfnCapacityProvider);
    if (resource === undefined) throw new TypeError('the capacity provider has no CfnCapacityProvider');
    const optimization = 'ManagedInstancesProvider.InfrastructureOptimization';
    resource.addPropertyOverride(`${optimization}.ScaleInAfter`, MACHINE_IDLE_SECONDS);
    acknowledge(provider, {
      [INFRASTRUCTURE_POLICY]: 'AWS maintains the list of permissions that ECS needs to start and stop machines.',
      'AwsSolutions-IAM5[Resource::*]':
        'The role of the machines discovers endpoints and gets an ECR token; these actions cannot be limited to a resource.',
      [CONTAINER_INSTANCES]: 'ECS chooses the names under which machines register.',
    });
    return provider;
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
    acknowledge(this.taskDefinition, {
      [wildcardResource(this, objects)]: 'All objects of this one bucket.',
      [wildcardResource(this, jobs)]: 'The images of all jobs.',
      'AwsSolutions-IAM5[Resource::*]':
        'The execution role gets an ECR token; this action cannot be limited to a resource.',
      'AwsSolutions-ECS2': 'The variables hold names, addresses and numbers, and no secret.',
    });
    this.allow(['s3:GetObject', 's3:GetObjectVersion'], [objects]);
    if (configuration.tagLabels > 0) this.allow(TAGGING_ACTIONS, [objects]);
    this.allow(['s3:ListBucket'], [bucket.bucketArn]);
    this.allow(['s3:GetObject'], [jobs, ...packages.arns]);
    this.allow(['dynamodb:Query', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem'], [table.tableArn]);
    this.allow(['sns:Publish'], [results.topicArn]);
    this.allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'], [queue.queue.queueArn]);
  }

  private allow(actions: readonly string[], resources: readonly string[]): void {
    this.taskDefinition.addToTaskRolePolicy(new PolicyStatement({ actions: [...actions], resources: [...resources] }));
  }
}

/**
 * Gives the machines' role and instance profile names with the region. ECS may pass only what
 * begins with `ecsInstanceRole`, so CloudFormation cannot choose the names:
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-instances-instance-profile.html
 */
function nameByRegion(provider: ManagedInstancesCapacityProvider): void {
  const name = regionalName(provider, MAX_ROLE_NAME_LENGTH, 'ecsInstanceRole');
  const [role, profile] = ['InstanceRole', 'InstanceProfile'].map(
    (id) => provider.node.findChild(id).node.defaultChild,
  );
  if (!(role instanceof CfnRole && profile instanceof CfnInstanceProfile)) {
    throw new TypeError('the machines have no role or instance profile of the CDK');
  }
  role.roleName = name;
  profile.instanceProfileName = name;
}
