import { Aws } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { type SendingService, shareKeyWithSender } from './share-key.ts';

const THIS_ACCOUNT = { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } };

/**
 * Lets a service of AWS send to a topic or queue, and use the key that encrypts it. A policy that
 * requires TLS replaces the default one of SNS, under which any service could publish for the account.
 * @param conditions under which it may. Default: for this account only
 */
export function allowService(
  target: Topic | Queue,
  service: SendingService,
  conditions: Readonly<Record<string, Readonly<Record<string, string>>>> = THIS_ACCOUNT,
): void {
  const key = target instanceof Topic ? target.masterKey : target.encryptionMasterKey;
  if (key !== undefined) shareKeyWithSender(target, key, service);
  const [actions, resources] =
    target instanceof Topic ? [['sns:Publish'], [target.topicArn]] : [['sqs:SendMessage'], [target.queueArn]];
  target.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal(service)],
      actions,
      resources,
      conditions,
    }),
  );
}
