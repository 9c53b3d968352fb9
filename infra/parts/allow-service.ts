import { Aws } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';

/** Services of AWS that send to a topic or a queue of the stack with no role of ours. */
export type SendingService = 'budgets.amazonaws.com' | 'cloudwatch.amazonaws.com' | 's3.amazonaws.com';

/**
 * Lets a service of AWS send to a topic or queue, for this account only. A policy that requires TLS
 * replaces the default one of SNS, under which any service could publish for the account.
 */
export function allowService(target: Topic | Queue, service: SendingService): void {
  const [actions, resources] =
    target instanceof Topic ? [['sns:Publish'], [target.topicArn]] : [['sqs:SendMessage'], [target.queueArn]];
  target.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal(service)],
      actions,
      resources,
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
  );
}
