import { CloudWatchClient, type MetricAlarm, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import type { AwsStack } from '../deployment/deployment.ts';
import { resourcesOf } from './resources-of.ts';

/** DescribeAlarms takes a hundred names. */
const MOST_NAMES = 100;

/** The alarms of the stack. */
export async function alarmsOf(stack: AwsStack): Promise<MetricAlarm[]> {
  const names = resourcesOf(stack, 'AWS::CloudWatch::Alarm');
  const client = new CloudWatchClient({ region: stack.region });
  const found: MetricAlarm[] = [];
  try {
    for (let start = 0; start < names.length; start += MOST_NAMES) {
      const AlarmNames = names.slice(start, start + MOST_NAMES);
      for await (const { MetricAlarms = [] } of paginateDescribeAlarms({ client }, { AlarmNames })) {
        found.push(...MetricAlarms);
      }
    }
  } finally {
    client.destroy();
  }
  return found;
}

/** The SNS topics that an alarm notifies. */
export function topicsOf({ AlarmActions = [] }: Pick<MetricAlarm, 'AlarmActions'>): string[] {
  return AlarmActions.filter((arn) => arn.split(':')[2] === 'sns');
}
