import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, MathExpression, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { LambdaApplication } from 'aws-cdk-lib/aws-codedeploy';
import { Construct } from 'constructs';
import { OPENING_COUNTS } from '../../functions/metric-names.ts';
import { ATTEMPTS_FAILED, IMAGE_COUNTS } from '../../functions/tagging/metric-names.ts';
import type { Core } from '../core/core.ts';
import { ownCount } from '../core/own-count.ts';
import type { HttpApi } from '../http-api/http-api.ts';
import type { AutoSwiftNet } from '../tagging/auto-swift-net.ts';
import type { Tagging } from '../tagging/tagging.ts';

/** One of the alarms that end a canary. */
interface Judge {
  readonly metric: IMetric;
  /** The metric must be above this value for a minute. */
  readonly above: number;
  readonly meaning: string;
}

/** CodeDeploy waits ten minutes, so every minute is judged on its own. */
const PERIOD = Duration.minutes(1);

/**
 * A new version that always fails takes a tenth of the calls, and so fails ten times as many. A few
 * calls fail in any busy minute.
 */
const ERROR_PERCENT = 1;
/** In a quiet minute one failure is more than a percent, and says nothing of a version. */
const FEWEST_FAILURES = 3;

export interface CanaryProps {
  readonly service: AutoSwiftNet;
  readonly api: HttpApi;
}

/**
 * Deploys the functions that use the model by a canary: a new version first gets a tenth of the
 * calls, and the old one takes them back as soon as an alarm is raised. CodeDeploy then ends the
 * deployment, and CloudFormation restores the rest of the stack.
 */
export class Canary extends Construct {
  constructor(scope: Construct, id: string, { service, api }: CanaryProps) {
    super(scope, id);
    const { core, tagging } = service;
    const application = new LambdaApplication(this, 'Application');
    const model = this.addAlarm('SelfTests', selfTests(core));
    tagging.service.releaseByCanary(application, [
      model,
      this.addAlarm('TaggingErrors', taggingErrors(tagging)),
      this.addAlarm('FailedAttempts', failedAttempts(core)),
      this.addAlarm('NewDeadLetters', newDeadLetters(core)),
    ]);
    api.service.releaseByCanary(application, [model, this.addAlarm('ApiErrors', apiErrors(api))]);
  }

  private addAlarm(name: string, { metric, above, meaning }: Judge): Alarm {
    return new Alarm(this, name, {
      alarmDescription: `Canary: ${meaning} A deployment that is under way goes back. At other times this needs no action.`,
      metric,
      threshold: above,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      // Something that does not run reports nothing, and that is not a fault.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}

function selfTests(core: Core): Judge {
  return {
    metric: ownCount(core, OPENING_COUNTS.selfTestFailed, PERIOD),
    above: 0,
    meaning: 'A model computes wrongly.',
  };
}

function taggingErrors({ service: { alias } }: Tagging): Judge {
  const options = { period: PERIOD };
  return {
    metric: share({ part: alias.metricErrors(options), all: alias.metricInvocations(options) }),
    above: ERROR_PERCENT,
    meaning: `More than ${ERROR_PERCENT}% of the tagging function's calls end in an error, and at least ${FEWEST_FAILURES} in a minute.`,
  };
}

/** A call of the tagging function succeeds also if each of its images has failed. */
function failedAttempts(core: Core): Judge {
  const metrics = {
    failed: ownCount(core, ATTEMPTS_FAILED, PERIOD),
    tagged: ownCount(core, IMAGE_COUNTS.tagged, PERIOD),
    rejected: ownCount(core, IMAGE_COUNTS.rejected, PERIOD),
  };
  return {
    metric: new MathExpression({
      label: 'failed attempts, %',
      expression: `IF(failed >= ${FEWEST_FAILURES}, 100 * failed / (failed + FILL(tagged, 0) + FILL(rejected, 0)), 0)`,
      period: PERIOD,
      usingMetrics: metrics,
    }),
    above: ERROR_PERCENT,
    meaning: `More than ${ERROR_PERCENT}% of the attempts to tag an image fail, and at least ${FEWEST_FAILURES} in a minute.`,
  };
}

/**
 * A function takes dead letters as they come, so they are counted when they are received. Those that
 * are parked do not count: the deployment may be the repair.
 */
function newDeadLetters({ uploads: { deadLetters } }: Core): Judge {
  return {
    metric: deadLetters.metricNumberOfMessagesReceived({ statistic: 'Sum', period: PERIOD }),
    above: 0,
    meaning: 'An upload has failed on every attempt.',
  };
}

function apiErrors({ api }: HttpApi): Judge {
  const options = { period: PERIOD };
  return {
    metric: share({ part: api.metricServerError(options), all: api.metricCount(options) }),
    above: ERROR_PERCENT,
    meaning: `More than ${ERROR_PERCENT}% of the API requests end with a 5xx status, and at least ${FEWEST_FAILURES} in a minute.`,
  };
}

function share(usingMetrics: { readonly part: IMetric; readonly all: IMetric }): MathExpression {
  return new MathExpression({
    label: 'errors, %',
    expression: `IF(part >= ${FEWEST_FAILURES}, 100 * part / all, 0)`,
    period: PERIOD,
    usingMetrics,
  });
}
