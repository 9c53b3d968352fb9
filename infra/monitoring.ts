import { Duration } from 'aws-cdk-lib';
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
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import type { Api } from './api.ts';
import type { Core } from './core.ts';
import { messagesOf } from './heavy-scaling.ts';
import type { HeavyService } from './heavy-service.ts';
import type { Tagging } from './tagging.ts';
import type { WorkQueue } from './work-queue.ts';

export interface MonitoringProps {
  readonly core: Core;
  readonly tagging: Tagging;
  readonly api: Api;
  /** Null without the GPU. */
  readonly heavy: HeavyService | null;
}

/** When something is wrong, and what to do then. docs/runbook.md has the same names. */
interface Condition {
  readonly metric: IMetric;
  readonly above: number;
  /** Of five minutes each. */
  readonly periods: number;
  readonly runbook: string;
}

const PERIOD = Duration.minutes(5);
const ERROR_RATE_PERCENT = 5;
/** A tenth of a function's time for a batch of five; the 99th of a hundred should not come near the timeout. */
const TAGGING_P99_MS = 30_000;
/** API Gateway gives up after 30 s. */
const API_P99_MS = 10_000;
const UPLOADS_AGE_SECONDS = 15 * 60;
/** Starting a GPU takes minutes; an hour means that there is none. */
const HEAVY_AGE_SECONDS = 60 * 60;
const IDLE_PERIODS = 6;

/** Dashboard and alarms; alarms go to a topic, and to an address where one is configured. */
export class Monitoring extends Construct {
  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    const conditions = { ...taggingConditions(props), ...apiConditions(props), ...heavyConditions(props) };
    const action = new SnsAction(this.addTopic(props.core.configuration.alarmEmail));
    for (const [name, condition] of Object.entries(conditions)) this.addAlarm(name, condition, action);
    this.addDashboard(props, conditions);
  }

  private addTopic(email: string | undefined): Topic {
    const topic = new Topic(this, 'Alarms', { enforceSSL: true });
    if (email !== undefined) topic.addSubscription(new EmailSubscription(email));
    acknowledge(topic, {
      'Serverless-SNSRedrivePolicy': 'An alarm that no e-mail delivers is still visible in CloudWatch.',
    });
    return topic;
  }

  private addAlarm(name: string, { metric, above, periods, runbook }: Condition, action: SnsAction): void {
    const alarm = new Alarm(this, name, {
      alarmDescription: runbook,
      metric,
      threshold: above,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: periods,
      // What does not run reports nothing.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(action);
  }

  private addDashboard({ core, tagging, api, heavy }: MonitoringProps, conditions: Record<string, Condition>): void {
    const graph = (title: string, ...left: IMetric[]) => new GraphWidget({ title, left, period: PERIOD, width: 8 });
    const metric = (name: keyof typeof conditions) => conditions[name]?.metric;
    const rows = [
      [
        graph('Tagging: calls', tagging.service.function.metricInvocations()),
        graph('Tagging: errors, %', ...present(metric('TaggingErrors'))),
        graph('Tagging: p99, ms', ...present(metric('TaggingSlow'))),
      ],
      [
        graph('Uploads: waiting and running', messagesOf(core.uploads.queue)),
        graph('Uploads: age of the oldest, s', ...present(metric('UploadsOld'))),
        graph('Dead letters', ...present(metric('UploadsDead'), metric('HeavyDead'))),
      ],
      [
        graph('API: requests', api.api.metricCount()),
        graph('API: errors, %', ...present(metric('ApiErrors'))),
        graph('API: p99, ms', ...present(metric('ApiSlow'))),
      ],
      heavy === null || core.heavyQueue === null
        ? []
        : [
            graph('Heavy model: waiting and running', messagesOf(core.heavyQueue.queue)),
            graph('Heavy model: age of the oldest, s', ...present(metric('HeavyOld'))),
            graph('GPU tasks', heavy.runningTasks()),
          ],
    ];
    new Dashboard(this, 'Dashboard', { widgets: rows.filter((row) => row.length > 0) });
  }
}

function taggingConditions({ core: { uploads }, tagging }: MonitoringProps): Record<string, Condition> {
  const { function: tagUpload } = tagging.service;
  return {
    ...queueConditions('Uploads', uploads, UPLOADS_AGE_SECONDS),
    TaggingErrors: {
      metric: rate(tagUpload.metricErrors(), tagUpload.metricInvocations()),
      above: ERROR_RATE_PERCENT,
      periods: 2,
      runbook: `TaggingErrors: more than ${ERROR_RATE_PERCENT}% of the calls of the tagging function fail. Look for level ERROR in its log; a model that cannot be opened is reported there when the function starts.`,
    },
    TaggingSlow: {
      metric: tagUpload.metricDuration({ statistic: 'p99', period: PERIOD }),
      above: TAGGING_P99_MS,
      periods: 3,
      runbook: `TaggingSlow: the slowest 1% of the batches take more than ${TAGGING_P99_MS / 1000} s. Raise memoryMb (more memory also brings more processor time), or choose a smaller model.`,
    },
  };
}

function apiConditions({ api: { api } }: MonitoringProps): Record<string, Condition> {
  return {
    ApiErrors: {
      metric: rate(api.metricServerError(), api.metricCount()),
      above: ERROR_RATE_PERCENT,
      periods: 2,
      runbook: `ApiErrors: more than ${ERROR_RATE_PERCENT}% of the API requests end with a 5xx status. Read integrationError in the access log, then find the cause in the log of the API function.`,
    },
    ApiSlow: {
      metric: api.metricLatency({ statistic: 'p99', period: PERIOD }),
      above: API_P99_MS,
      periods: 3,
      runbook: `ApiSlow: the slowest 1% of the API requests take more than ${API_P99_MS / 1000} s. If large images are the cause, lower maxImagePixels; otherwise raise memoryMb (more memory also brings more processor time).`,
    },
  };
}

function heavyConditions({ core: { heavyQueue }, heavy }: MonitoringProps): Record<string, Condition> {
  if (heavy === null || heavyQueue === null) return {};
  return {
    ...queueConditions('Heavy', heavyQueue, HEAVY_AGE_SECONDS),
    GpuIdle: {
      metric: new MathExpression({
        label: 'tasks without work',
        expression: 'IF(messages < 1, tasks, 0)',
        period: PERIOD,
        usingMetrics: { messages: messagesOf(heavyQueue.queue, PERIOD), tasks: heavy.runningTasks(PERIOD) },
      }),
      above: 0,
      periods: IDLE_PERIODS,
      runbook:
        'GpuIdle: a GPU task has run for half an hour without any request. Set the desired count of the ECS service to 0, then find out why the scaling alarm In did not do so.',
    },
  };
}

function queueConditions(
  name: string,
  { queue, deadLetters }: WorkQueue,
  ageSeconds: number,
): Record<string, Condition> {
  return {
    [`${name}Dead`]: {
      metric: deadLetters.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', period: PERIOD }),
      above: 0,
      periods: 1,
      runbook: `${name}Dead: messages failed every attempt and are now in the dead-letter queue. Read the reason in the records whose state is failed, fix the cause, then start a redrive of the dead-letter queue.`,
    },
    [`${name}Old`]: {
      metric: queue.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum', period: PERIOD }),
      above: ageSeconds,
      periods: 2,
      runbook:
        name === 'Heavy'
          ? `HeavyOld: a request to the heavy model has waited for more than ${ageSeconds / 60} minutes. Look for UnfulfillableCapacity or VcpuLimitExceeded in the events of the ECS service; then ask AWS for a higher quota, or allow more gpuInstanceTypes.`
          : `UploadsOld: an upload has waited for more than ${ageSeconds / 60} minutes. Raise tagConcurrency, or ask AWS for more concurrent Lambda executions.`,
    },
  };
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
