import { Duration, Stack } from 'aws-cdk-lib';
import {
  AdjustmentType,
  ScalableTarget,
  ServiceNamespace,
  StepScalingAction,
} from 'aws-cdk-lib/aws-applicationautoscaling';
import { Alarm, ComparisonOperator, type IMetric, MathExpression, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { ApplicationScalingAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import { Role } from 'aws-cdk-lib/aws-iam';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { HeavySettings } from './settings.ts';

export interface HeavyScalingProps {
  readonly service: FargateService;
  readonly queue: Queue;
  readonly settings: Pick<HeavySettings, 'gpuMaxTasks' | 'gpuMessagesPerTask'>;
}

/** The finest period that SQS reports. */
const PERIOD = Duration.minutes(1);

/**
 * The last task ends after the queue was empty for this long. Starting a machine takes minutes, but
 * an idle machine costs money (docs/costs.md).
 */
const IDLE_MINUTES = 5;

/** Time for a change to take effect before the next one. */
const COOLDOWN = Duration.minutes(3);

/** Scales from zero tasks to as many as the queue needs, and back to zero. */
export class HeavyScaling extends Construct {
  constructor(scope: Construct, id: string, { service, queue, settings }: HeavyScalingProps) {
    super(scope, id);
    const target = new ScalableTarget(this, 'Target', {
      serviceNamespace: ServiceNamespace.ECS,
      resourceId: `service/${service.cluster.clusterName}/${service.serviceName}`,
      scalableDimension: 'ecs:service:DesiredCount',
      minCapacity: 0,
      maxCapacity: settings.gpuMaxTasks,
      role: this.serviceLinkedRole(),
    });
    const messages = messagesOf(queue);
    this.addAlarm('Out', messages, 1, new ApplicationScalingAction(this.scaleOut(target, settings)));
    const toZero = new StepScalingAction(this, 'ToZero', {
      scalingTarget: target,
      adjustmentType: AdjustmentType.EXACT_CAPACITY,
      cooldown: COOLDOWN,
    });
    toZero.addAdjustment({ upperBound: 0, adjustment: 0 });
    this.addAlarm('In', messages, IDLE_MINUTES, new ApplicationScalingAction(toZero));
  }

  /** Application Auto Scaling creates this role itself and accepts no other. */
  private serviceLinkedRole() {
    const arn = Stack.of(this).formatArn({
      service: 'iam',
      region: '',
      resource: 'role/aws-service-role/ecs.application-autoscaling.amazonaws.com',
      resourceName: 'AWSServiceRoleForApplicationAutoScaling_ECSService',
    });
    return Role.fromRoleArn(this, 'Role', arn);
  }

  /**
   * Starts as many tasks as the messages need. The bounds count from the alarm's threshold of one
   * message.
   */
  private scaleOut(
    target: ScalableTarget,
    { gpuMaxTasks, gpuMessagesPerTask }: HeavyScalingProps['settings'],
  ): StepScalingAction {
    const action = new StepScalingAction(this, 'ByMessages', {
      scalingTarget: target,
      adjustmentType: AdjustmentType.EXACT_CAPACITY,
      cooldown: COOLDOWN,
    });
    for (let tasks = 1; tasks <= gpuMaxTasks; tasks++) {
      action.addAdjustment({
        lowerBound: (tasks - 1) * gpuMessagesPerTask,
        ...(tasks === gpuMaxTasks ? {} : { upperBound: tasks * gpuMessagesPerTask }),
        adjustment: tasks,
      });
    }
    return action;
  }

  private addAlarm(name: 'Out' | 'In', metric: IMetric, minutes: number, action: ApplicationScalingAction): void {
    const isOut = name === 'Out';
    const alarm = new Alarm(this, name, {
      alarmDescription: isOut
        ? 'Starts GPU tasks when requests to the heavy model wait. This is normal operation and needs no action.'
        : 'Stops the GPU tasks when no request to the heavy model is left. This is normal operation and needs no action.',
      metric,
      threshold: 1,
      comparisonOperator: isOut
        ? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
        : ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: minutes,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(action);
  }
}

/**
 * Counts the waiting messages and those in flight. With the waiting ones alone, the alarm would
 * stop tasks that work on the last messages. An idle queue reports nothing.
 */
export function messagesOf(queue: Queue, period = PERIOD): MathExpression {
  const options = { period, statistic: 'Maximum' };
  return new MathExpression({
    label: 'waiting and running',
    expression: 'FILL(waiting, 0) + FILL(running, 0)',
    period,
    usingMetrics: {
      waiting: queue.metricApproximateNumberOfMessagesVisible(options),
      running: queue.metricApproximateNumberOfMessagesNotVisible(options),
    },
  });
}
