import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { ASK_INTERVAL_HOURS, askQueueEnvironmentSchema } from '../../functions/ask-queue/settings.ts';
import type { Core } from '../core/core.ts';
import { ServiceFunction } from '../core/service-function.ts';
import { variablesOf } from '../core/variables.ts';
import { acknowledge } from '../parts/acknowledge.ts';

/** The least that Lambda gives. The function makes one call. */
const MEMORY_MB = 128;
const TIMEOUT = Duration.seconds(30);

/** Calls the heavy queue on a schedule, so that SQS goes on reporting how many messages wait. */
export class HeavyWaking extends Construct {
  constructor(scope: Construct, id: string, core: Core) {
    super(scope, id);
    const { code, variables, heavyQueue } = core;
    const { queue } = heavyQueue;
    const service = new ServiceFunction(this, 'AskQueue', core, {
      code: code.functions['ask-queue'],
      description: 'Calls the heavy queue, so that SQS goes on reporting its metrics',
      layers: [],
      memoryMb: MEMORY_MB,
      timeout: TIMEOUT,
      variables: variablesOf(askQueueEnvironmentSchema, variables),
    });
    service.allow(['sqs:GetQueueAttributes'], [queue.queueArn]);
    acknowledge(service, {
      'Serverless-LambdaDLQ': 'Lambda tries a failed call twice more, and the next call comes on schedule.',
    });
    const rule = new Rule(this, 'Schedule', {
      description: 'Calls the heavy queue before SQS stops reporting its metrics',
      schedule: Schedule.rate(Duration.hours(ASK_INTERVAL_HOURS)),
      targets: [new LambdaFunction(service.alias)],
    });
    acknowledge(rule, {
      'Serverless-EventBusDLQ': 'A lost event does no harm, because the next one comes on schedule.',
    });
  }
}
