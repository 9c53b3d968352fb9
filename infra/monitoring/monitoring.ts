import { Duration, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  type IAlarmAction,
  type IMetric,
  MathExpression,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ConfigurationError } from '../../functions/errors.ts';
import { GPU_HOURS_USED_UP, OPENING_COUNTS } from '../../functions/metric-names.ts';
import { requireBudget } from '../configuration/consistency.ts';
import { readSettings } from '../configuration/read-settings.ts';
import { PROP_KINDS, requireProps } from '../configuration/require-props.ts';
import type { Core } from '../core/core.ts';
import { ownCount } from '../core/own-count.ts';
import { messagesOf } from '../heavy-models/heavy-scaling.ts';
import { acknowledge } from '../parts/acknowledge.ts';
import { allowService } from '../parts/allow-service.ts';
import { secureTopic } from '../parts/secure-topic.ts';
import { type AlarmName, type AlarmRule, alarmRules } from './alarm-rules.ts';
import { Budget } from './budget.ts';
import type { MonitoringProps } from './monitoring-props.ts';
import { MONITORING_SETTINGS } from './settings.ts';

type Metrics = Partial<Readonly<Record<AlarmName, IMetric>>>;

const PERIOD = Duration.minutes(5);

/**
 * The dashboard and the alarms. Alarms go to a topic, and to an e-mail address if one is
 * configured.
 */
export class Monitoring extends Construct {
  /** The topic of the alarms. */
  readonly topic: Topic;
  private readonly alarms: Alarm[] = [];

  /** @throws {ConfigurationError} when a prop is out of its range, or lacks the one it needs */
  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    const { service, api, backfill, heavyModels } = PROP_KINDS;
    requireProps('Monitoring', props, { service }, { api, backfill, heavyModels });
    requireSameService(props);
    const settings = readSettings('Monitoring', MONITORING_SETTINGS, props);
    requireBudget(settings);
    const metrics = {
      ...taggingMetrics(props),
      ...apiMetrics(props),
      ...backfillMetrics(props),
      ...modelMetrics(props),
      ...heavyMetrics(props),
    };
    const topic = this.addTopic(props.service.core, settings.alarmEmail);
    this.topic = topic;
    const rules = alarmRules(
      {
        stackName: Stack.of(this).stackName,
        tagBatchSize: props.service.core.settings.tagBatchSize,
        gpuHoursPerDay: props.heavyModels?.settings.gpuHoursPerDay ?? 0,
      },
      Stack.of(this).region,
    );
    for (const [name, metric] of Object.entries(metrics)) this.addAlarm(name, metric, rules[name as AlarmName]);
    this.addAlarmAction(new SnsAction(topic));
    this.addDashboard(props, metrics);
    const { monthlyBudgetUsd: monthlyUsd, budgetTag } = settings;
    if (monthlyUsd !== undefined) new Budget(this, 'Budget', { monthlyUsd, budgetTag, topic });
  }

  /** Adds something that happens when one of the alarms is raised. */
  addAlarmAction(action: IAlarmAction): void {
    for (const alarm of this.alarms) alarm.addAlarmAction(action);
  }

  private addTopic({ encryptionKey }: Core, email: string | undefined): Topic {
    const topic = new Topic(this, 'Alarms', secureTopic(encryptionKey));
    allowService(topic, 'cloudwatch.amazonaws.com');
    if (email !== undefined) topic.addSubscription(new EmailSubscription(email));
    acknowledge(topic, {
      'Serverless-SNSRedrivePolicy': 'If an e-mail is lost, the alarm is still visible in CloudWatch.',
    });
    return topic;
  }

  private addAlarm(name: string, metric: IMetric, { above, periods, whenMissing, meaning, whatToDo }: AlarmRule): void {
    const alarm = new Alarm(this, name, {
      alarmDescription: `${name}: ${meaning} ${whatToDo}`,
      metric,
      threshold: above,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: periods,
      treatMissingData: whenMissing === 'unchanged' ? TreatMissingData.IGNORE : TreatMissingData.NOT_BREACHING,
    });
    this.alarms.push(alarm);
  }

  private addDashboard({ service, api, heavyModels: heavy }: MonitoringProps, metrics: Metrics): void {
    const { core, tagging } = service;
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
      api === undefined
        ? []
        : [
            graph('API: requests', api.api.metricCount()),
            graph('API: errors, %', ...present(metrics.ApiErrors)),
            graph('API: p99, ms', ...present(metrics.ApiSlow)),
          ],
      heavy === undefined
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

function taggingMetrics({ service }: MonitoringProps): Metrics {
  const { tagging, core } = service;
  const { uploads, parked } = core;
  const { alias: tagUpload } = tagging.service;
  return {
    UploadsDead: messagesOf(uploads.deadLetters, PERIOD),
    UploadsOld: ageOf(uploads.queue),
    UploadsParked: parkedAgeOf(parked),
    TaggingErrors: rate(tagUpload.metricErrors(), tagUpload.metricInvocations()),
    TaggingSlow: tagUpload.metricDuration({ statistic: 'p99', period: PERIOD }),
  };
}

function apiMetrics({ api }: MonitoringProps): Metrics {
  if (api === undefined) return {};
  return {
    ApiErrors: rate(api.api.metricServerError(), api.api.metricCount()),
    ApiSlow: api.api.metricLatency({ statistic: 'p99', period: PERIOD }),
  };
}

/** Not those that somebody stopped. The executions of batches count for themselves. */
function backfillMetrics({ backfill }: MonitoringProps): Metrics {
  if (backfill === undefined) return {};
  const options = { statistic: 'Sum', period: PERIOD };
  return {
    BackfillFailed: new MathExpression({
      label: 'failed runs',
      expression: 'failed + timedOut',
      period: PERIOD,
      usingMetrics: {
        failed: backfill.stateMachine.metricFailed(options),
        timedOut: backfill.stateMachine.metricTimedOut(options),
      },
    }),
  };
}

/** Both functions and the heavy worker count them. */
function modelMetrics({ service: { core } }: MonitoringProps): Metrics {
  return {
    ModelFallback: ownCount(core, OPENING_COUNTS.fallback, PERIOD),
    SelfTestFailed: ownCount(core, OPENING_COUNTS.selfTestFailed, PERIOD),
  };
}

function heavyMetrics({ service: { core }, heavyModels: heavy }: MonitoringProps): Metrics {
  if (heavy === undefined) return {};
  const { heavyQueue } = core;
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

/** Alarms about the API of another service would be in the wrong dashboard. */
function requireSameService({ service, api }: MonitoringProps): void {
  if (api === undefined || api.core === service.core) return;
  throw new ConfigurationError(
    `the prop api of Monitoring must be an HttpApi of ${service.node.path}, but ${api.node.path} is of another AutoSwiftNet. Give each AutoSwiftNet a Monitoring of its own.`,
  );
}
