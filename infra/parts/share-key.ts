import { Annotations, ArnFormat, Aws, Stack, Token } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

/** Services of AWS that send to a queue or topic with no role of ours. */
export type SendingService =
  | 'budgets.amazonaws.com'
  | 'cloudwatch.amazonaws.com'
  | 'events.amazonaws.com'
  | 's3.amazonaws.com';

/**
 * EventBridge names neither its account nor its rule to KMS, so that a condition would keep it out:
 * https://docs.aws.amazon.com/sns/latest/dg/sns-enable-encryption-for-topic.html
 */
const WITHOUT_ACCOUNT: readonly SendingService[] = ['events.amazonaws.com'];

/**
 * Lets a service of AWS encrypt what it sends to a queue or topic. The queue or topic itself says from
 * which account it accepts anything; it cannot be named here, because it names the key.
 */
export function shareKeyWithSender(scope: Construct, key: IKey, service: SendingService): void {
  addToPolicy(
    scope,
    key,
    new PolicyStatement({
      principals: [new ServicePrincipal(service)],
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: ['*'],
      ...(WITHOUT_ACCOUNT.includes(service)
        ? {}
        : { conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } } }),
    }),
  );
}

/**
 * Lets CloudWatch Logs encrypt a log group. The group itself cannot be named, because it names the key.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
 * @param name of the group. Default: CloudFormation chooses one, which begins with that of the stack
 */
export function shareKeyWithLogs(scope: Construct, key: IKey, name = chosenNames(scope)): void {
  const group = Stack.of(scope).formatArn({
    service: 'logs',
    region: Aws.REGION,
    account: Aws.ACCOUNT_ID,
    resource: 'log-group',
    resourceName: name,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  addToPolicy(
    scope,
    key,
    new PolicyStatement({
      principals: [new ServicePrincipal(`logs.${Aws.REGION}.${Aws.URL_SUFFIX}`)],
      actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
      resources: ['*'],
      conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': group } },
    }),
  );
}

/** The names that CloudFormation chooses. That of a nested stack is not known before. */
function chosenNames(scope: Construct): string {
  const { stackName } = Stack.of(scope);
  return Token.isUnresolved(stackName) ? '*' : `${stackName}-*`;
}

/** The policy of an imported key stays as it is, and only its owner can say that it is enough. */
function addToPolicy(scope: Construct, key: IKey, statement: PolicyStatement): void {
  if (key.addToResourcePolicy(statement).statementAdded) return;
  Annotations.of(scope).addWarningV2(
    'autoswiftnet:imported-key',
    'The policy of an imported key is left as it is. It must allow services of AWS to use the key, as docs/construct.md says under "A key of your own".',
  );
}
