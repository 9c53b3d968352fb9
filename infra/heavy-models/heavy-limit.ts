import { Duration, Stack } from 'aws-cdk-lib';
import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { COUNT_INTERVAL_MINUTES, limitGpuHoursEnvironmentSchema } from '../../functions/limit-gpu-hours/settings.ts';
import type { Core } from '../core/core.ts';
import { ServiceFunction } from '../core/service-function.ts';
import { variablesOf } from '../core/variables.ts';
import { acknowledge, wildcardResource } from '../parts/acknowledge.ts';

const MEMORY_MB = 256;
/** It makes at most a handful of calls. */
const TIMEOUT = Duration.minutes(1);

export interface HeavyLimitProps {
  readonly service: FargateService;
  /** Hours of all machines together. */
  readonly gpuHoursPerDay: number;
}

/** Counts the GPU hours of a day, and stops the service once they are used up. */
export class HeavyLimit extends Construct {
  private readonly limit: ServiceFunction;

  constructor(scope: Construct, id: string, core: Core, { service, gpuHoursPerDay }: HeavyLimitProps) {
    super(scope, id);
    const { code, variables, table } = core;
    this.limit = new ServiceFunction(this, 'LimitGpuHours', core, {
      code: code.functions['limit-gpu-hours'],
      description: 'Counts the GPU hours of a day, and stops the heavy service once they are used up',
      layers: [],
      memoryMb: MEMORY_MB,
      timeout: TIMEOUT,
      variables: variablesOf(limitGpuHoursEnvironmentSchema, {
        ...variables,
        AUTOSWIFTNET_GPU_CLUSTER: service.cluster.clusterName,
        AUTOSWIFTNET_GPU_SERVICE: service.serviceName,
        AUTOSWIFTNET_GPU_HOURS_PER_DAY: String(gpuHoursPerDay),
      }),
    });
    this.limit.allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [table.tableArn]);
    this.limit.allowKeys({ reads: ['table'] });
    this.allowService(this.limit, service);
    const rule = new Rule(this, 'Schedule', {
      description: 'Counts the GPUs',
      schedule: Schedule.rate(Duration.minutes(COUNT_INTERVAL_MINUTES)),
      targets: [new LambdaFunction(this.limit.alias)],
    });
    acknowledge(rule, {
      'Serverless-EventBusDLQ': 'A lost event is a count that is missing, and the next one comes on schedule.',
    });
  }

  /** Number of counts that failed. Nothing stops the service while they do. */
  failures(period: Duration): IMetric {
    return this.limit.alias.metricErrors({ period });
  }

  private allowService(limit: ServiceFunction, service: FargateService): void {
    const stack = Stack.of(this);
    const { clusterArn, clusterName } = service.cluster;
    const machines = stack.formatArn({
      service: 'ecs',
      resource: 'container-instance',
      resourceName: `${clusterName}/*`,
    });
    const targets = stack.formatArn({
      service: 'application-autoscaling',
      resource: 'scalable-target',
      resourceName: '*',
    });
    limit.allow(['ecs:ListContainerInstances'], [clusterArn]);
    limit.allow(['ecs:DescribeContainerInstances'], [machines]);
    limit.allow(['ecs:DescribeServices', 'ecs:UpdateService'], [service.serviceArn]);
    limit.allow(['application-autoscaling:RegisterScalableTarget'], [targets]);
    acknowledge(limit, {
      'Serverless-LambdaDLQ': 'Lambda tries a failed call twice more, and the next call comes on schedule.',
      [wildcardResource(this, machines)]: 'All machines of this one cluster.',
      [wildcardResource(this, targets)]:
        'AWS chooses the id of the scalable target, and CloudFormation does not tell it.',
    });
  }
}
