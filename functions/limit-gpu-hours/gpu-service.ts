import {
  type ApplicationAutoScalingClient,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import {
  type ContainerInstance,
  DescribeContainerInstancesCommand,
  type ECSClient,
  paginateListContainerInstances,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';

/** The ECS service of the heavy model, and its machines. */
export interface GpuService {
  /**
   * Number of GPUs in the machines of the cluster, whether tasks run on them or not: machines cost
   * money also while tasks crash or images are pulled.
   */
  countGpus(): Promise<number>;
  /** Ends all tasks, and keeps the scaling from starting others. May be repeated. */
  stop(): Promise<void>;
  /**
   * Lets the scaling start tasks again. It does so by itself if requests wait, because CloudWatch
   * repeats the actions of Auto Scaling for as long as an alarm is raised:
   * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html
   */
  resume(): Promise<void>;
}

export interface GpuServiceClients {
  readonly ecs: ECSClient;
  readonly scaling: ApplicationAutoScalingClient;
}

/** DescribeContainerInstances takes no more: the page size of ListContainerInstances. */
const PAGE_SIZE = 100;

/** @param cluster the name, not the ARN: the scaling's name of the service consists of names */
export function openGpuService({ ecs, scaling }: GpuServiceClients, cluster: string, service: string): GpuService {
  const suspendScaleOut = (suspended: boolean) =>
    scaling.send(
      new RegisterScalableTargetCommand({
        ServiceNamespace: 'ecs',
        ScalableDimension: 'ecs:service:DesiredCount',
        ResourceId: `service/${cluster}/${service}`,
        SuspendedState: { DynamicScalingOutSuspended: suspended },
      }),
    );
  return {
    async countGpus() {
      let gpus = 0;
      const pages = paginateListContainerInstances({ client: ecs, pageSize: PAGE_SIZE }, { cluster });
      for await (const { containerInstanceArns: containerInstances = [] } of pages) {
        if (containerInstances.length === 0) continue;
        const described = await ecs.send(new DescribeContainerInstancesCommand({ cluster, containerInstances }));
        for (const machine of described.containerInstances ?? []) gpus += gpusOf(machine);
      }
      return gpus;
    },
    async stop() {
      // In this order: the scaling would raise the count again within a minute.
      await suspendScaleOut(true);
      await ecs.send(new UpdateServiceCommand({ cluster, service, desiredCount: 0 }));
    },
    async resume() {
      await suspendScaleOut(false);
    },
  };
}

/** Counts a machine's GPUs. A machine that does not name them counts as one. */
function gpusOf({ registeredResources = [] }: ContainerInstance): number {
  const ids = registeredResources.find(({ name }) => name === 'GPU')?.stringSetValue ?? [];
  return Math.max(1, ids.length);
}
