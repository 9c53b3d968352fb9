import { RemovalPolicy } from 'aws-cdk-lib';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { shareKeyWithLogs } from '../parts/share-key.ts';
import type { Core } from './core.ts';

/**
 * Adds a log group, which is deleted with the stack.
 * @param name default: CloudFormation chooses one
 */
export function addLogGroup(
  scope: Construct,
  id: string,
  { settings, encryptionKey }: Pick<Core, 'settings' | 'encryptionKey'>,
  name?: string,
): LogGroup {
  if (encryptionKey !== null) shareKeyWithLogs(scope, encryptionKey, name);
  return new LogGroup(scope, id, {
    ...(name === undefined ? {} : { logGroupName: name }),
    ...(encryptionKey === null ? {} : { encryptionKey }),
    retention: settings.logRetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  });
}
