import { Duration, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  type IMetric,
  MathExpression,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { GPU_HOURS_USED_UP, OPENING_COUNTS } from '../../functions/metric-names.ts';
import type { Core } from '../core/core.ts';
import { ownCount } from '../core/own-count.ts';
import { messagesOf } from '../heavy-models/heavy-scaling.ts';
import type { HeavyService } from '../heavy-models/heavy-service.ts';
import type { Api } from '../http-api/api.ts';
import { acknowledge } from '../parts/acknowledge.ts';
import { allowService } from '../parts/allow-service.ts';
import type { Tagging } from '../tagging/tagging.ts';
import { type AlarmName, type AlarmRule, alarmRules } from './alarm-rules.ts';
import { Budget } from './budget.ts';

export interface MonitoringProps {
  readonly core: Core;
  readonly tagging: Tagging;
  readonly api: Api;
  /** Null without the GPU. */
  readonly heavy: HeavyService | null;
}

type Metrics = Partial<Readonly<Record<AlarmName, IMetric>>>;

const PERIOD = Duration.minutes(5);

/**
 * The dashboard and the alarms. Alarms go to a topic, and to an e-mail address if one is
 * configured.
 */
export class Monitoring extends Construct {
  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    const metrics = { ...taggingMetrics(props), ...apiMetrics(props), ...modelMetrics(props), ...heavyMetrics(props) };
    const rules = alarmRules(props.core.configuration, Stack.of(this).region);
    const topic = this.addTopic(props.core.configuration.alarmEmail);
    const action = new SnsAction(topic);
    for (const [name, metric] of Object.entries(metrics)) {
      this.addAlarm(name, metric, rules[name as AlarmName], action);
    }
    this.addDashboard(props, metrics);
    const { monthlyBudgetUsd: monthlyUsd, budgetTag } = props.core.configuration;
    if (monthlyUsd !== undefined) new Budget(this, 'Budget', { monthlyUsd, budgetTag, topic });
  }

  private addTopic(email: string | undefined): Topic {
    const topic = new Topic(this, 'Alarms', { enforceSSL: true });
    allowService(topic, 'cloudwatch.amazonaws.com');
    if (email !== undefined) topic.addSubscription(new EmailSubscription(email));
    acknowledge(topic, {
      'Serverless-SNSRedrivePolicy': 'If an e-mail is lost, the alarm is still visible in CloudWatch.',
    });
    return topic;
  }

  private addAlarm(
    name: string,
    metric: IMetric,
    { above, periods, whenMissing, meaning, whatToDo }: AlarmRule,
    action: SnsAction,
  ): void {
    const alarm = new Alarm(this, name, {
      alarmDescription: `${name}: ${meaning} ${whatToDo}`,
      metric,
      threshold: above,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: periods,
      treatMissingData: whenMissing === 'unchanged' ? TreatMissingData.IGNORE : TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(action);
  }

  private addDashboard({ core, tagging, api, heavy }: MonitoringProps, metrics: Metrics): void {
    const graph = (title: string, ...left: IMetric[]) => new GraphWidget({ title, left, period: PERIOD, width: 8 });
    const rows = [
      [
        graph('Tagging: calls', tagging.service.alias.metricInvocations()),
        graph('Tagging: errors, %', ...present(metrics.TaggingErrors)),
        graph('Tagging: p99, ms', ...present(metrics.TaggingSlow)),
      ],
      [
        graph('Uploads: waiting and running', messagesOf(core.uploads.queue)),
        graph('Uploads: age of the oldest, s', ...present(metrics.UploadsOld)),
        graph(
          'Dead letters and parked',
          waitingIn(core.uploads.deadLetters),
          waitingIn(core.parked),
          ...present(metrics.HeavyDead),
        ),
      ],
      [
        graph('API: requests', api.api.metricCount()),
        graph('API: errors, %', ...present(metrics.ApiErrors)),
        graph('API: p99, ms', ...present(metrics.ApiSlow)),
      ],
      heavy === null || core.heavyQueue === null
        ? []
        : [
            graph('Heavy model: waiting and running', messagesOf(core.heavyQueue.queue)),
            graph('Heavy model: age of the oldest, s', ...present(metrics.HeavyOld)),
            graph('GPU tasks', heavy.runningTasks()),
          ],
    ];
    new Dashboard(this, 'Dashboard', { widgets: rows.filter((row) => row.length > 0) });
  }
}

function taggingMetrics({ core: { uploads, parked }, tagging }: MonitoringProps): Metrics {
  const { alias: tagUpload } = tagging.service;
  return {
    UploadsDead: messagesOf(uploads.deadLetters, PERIOD),
    UploadsOld: ageOf(uploads.queue),
    UploadsParked: parkedAgeOf(parked),
    TaggingErrors: rate(tagUpload.metricErrors(), tagUpload.metricInvocations()),
    TaggingSlow: tagUpload.metricDuration({ statistic: 'p99', period: PERIOD }),
  };
}

function apiMetrics({ api: { api } }: MonitoringProps): Metrics {
  return {
    ApiErrors: rate(api.metricServerError(), api.metricCount()),
    ApiSlow: api.metricLatency({ statistic: 'p99', period: PERIOD }),
  };
}

/** Both functions and the heavy worker count them. */
function modelMetrics({ core }: MonitoringProps): Metrics {
  return {
    ModelFallback: ownCount(core, OPENING_COUNTS.fallback, PERIOD),
    SelfTestFailed: ownCount(core, OPENING_COUNTS.selfTestFailed, PERIOD),
  };
}

function heavyMetrics({ core, heavy }: MonitoringProps): Metrics {
  const { heavyQueue } = core;
  if (heavy === null || heavyQueue === null) return {};
  const messages = messagesOf(heavyQueue.queue, PERIOD);
  return {
    OpenedOnCpu: ownCount(core, OPENING_COUNTS.onCpu, PERIOD),
    ModelNotOpened: ownCount(core, OPENING_COUNTS.notOpened, PERIOD),
    GpuHoursUsedUp: ownCount(core, GPU_HOURS_USED_UP, PERIOD),
    GpuLimitFails: heavy.limit.failures(PERIOD),
    HeavyStuck: new MathExpression({
      label: 'requests while none is completed',
      // SQS reports nothing of a queue that nobody calls, and no deletions while no task runs.
      expression: 'IF(FILL(completed, 0) < 1, messages, 0)',
      period: PERIOD,
      usingMetrics: {
        messages,
        completed: heavyQueue.queue.metricNumberOfMessagesDeleted({ statistic: 'Sum', period: PERIOD }),
      },
    }),
    HeavyDead: waitingIn(heavyQueue.deadLetters),
    HeavyOld: ageOf(heavyQueue.queue),
    GpuIdle: new MathExpression({
      label: 'tasks without work',
      expression: 'IF(messages < 1, tasks, 0)',
      period: PERIOD,
      usingMetrics: { messages, tasks: heavy.runningTasks(PERIOD) },
    }),
  };
}

function waitingIn(queue: Queue): IMetric {
  return queue.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', period: PERIOD });
}

function ageOf(queue: Queue): IMetric {
  return queue.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum', period: PERIOD });
}

/**
 * The age of the oldest parked message, in seconds, and at least 1 while there is one. SQS leaves a
 * message out of the age once it was received three times, as it is by those who look at it.
 */
function parkedAgeOf(parked: Queue): MathExpression {
  return new MathExpression({
    label: 'age of the oldest, s',
    expression: 'MAX([age, messages])',
    period: PERIOD,
    usingMetrics: { age: ageOf(parked), messages: waitingIn(parked) },
  });
}

function rate(part: IMetric, all: IMetric): MathExpression {
  return new MathExpression({
    label: 'errors, %',
    expression: '100 * part / all',
    period: PERIOD,
    usingMetrics: { part, all },
  });
}

function present(...metrics: (IMetric | undefined)[]): IMetric[] {
  return metrics.filter((metric) => metric !== undefined);
}
