import { GetTopicAttributesCommand } from '@aws-sdk/client-sns';
import { deployAgain } from '../../deployment/deploy-again.ts';
import type { AwsStack } from '../../deployment/deployment.ts';
import { alarmsOf, topicsOf } from '../alarms-of.ts';
import { allows } from '../allows.ts';
import type { Check, Visit } from '../check.ts';
import { type Finding, fault, sound, warning } from '../finding.ts';
import { resourcesOf, stackOf } from '../resources-of.ts';
import { restorePolicy } from '../restore-policy.ts';

const CLOUDWATCH = 'cloudwatch.amazonaws.com';
const BUDGETS = 'budgets.amazonaws.com';

/** Alarms and budgets may publish to their topic, and somebody listens to it. */
export const alarmTopics: Check = {
  name: 'alarm-topics',
  actions: ['cloudwatch:DescribeAlarms', 'sns:GetTopicAttributes'],
  async run(visit) {
    const arns = [...new Set((await alarmsOf(stackOf(visit))).flatMap(topicsOf))];
    if (arns.length > 0) return (await Promise.all(arns.map((arn) => lookAt(arn, visit)))).flat();
    return fault({
      expected: 'alarms that notify a topic',
      found: 'no alarm of the stack has a topic',
      cure: deployAgain(stackOf(visit)),
    });
  },
};

async function lookAt(TopicArn: string, visit: Visit): Promise<Finding[]> {
  const stack = stackOf(visit);
  const { Attributes = {} } = await visit.deployment.clients.sns.send(new GetTopicAttributesCommand({ TopicArn }), {
    abortSignal: visit.signal,
  });
  const hasBudget = resourcesOf(stack, 'AWS::Budgets::Budget').length > 0;
  return [
    ...[CLOUDWATCH, ...(hasBudget ? [BUDGETS] : [])].map((service) =>
      publisher(TopicArn, service, Attributes['Policy'] ?? null, stack),
    ),
    subscribers(TopicArn, Attributes, stack.region),
  ];
}

function publisher(topicArn: string, service: string, policy: string | null, stack: AwsStack): Finding {
  const account = topicArn.split(':')[4] ?? '';
  if (allows(policy, { service, action: 'sns:Publish', account }))
    return sound(`${service} may publish to ${topicArn}`);
  return fault({
    expected: `the policy of ${topicArn} allows ${service} sns:Publish`,
    found: 'no such statement, so nobody is told',
    cure: restorePolicy(stack),
  });
}

function subscribers(topicArn: string, attributes: Readonly<Record<string, string>>, region: string): Finding {
  const [confirmed, pending] = ['SubscriptionsConfirmed', 'SubscriptionsPending'].map((name) =>
    Number(attributes[name] ?? 0),
  );
  if (confirmed !== undefined && confirmed > 0) return sound(`${confirmed} subscriptions to the alarms`);
  const expected = `somebody listens to ${topicArn}`;
  if (pending !== undefined && pending > 0) {
    return warning({
      expected,
      found: `${pending} subscriptions that nobody has confirmed`,
      cure: 'Click the link in the e-mail "AWS Notification - Subscription Confirmation". It is valid for two days.',
    });
  }
  return warning({
    expected,
    found: 'no subscription',
    cure: `aws sns subscribe --topic-arn ${topicArn} --protocol email --notification-endpoint YOU@EXAMPLE.COM --region ${region}. Or deploy with -c alarmEmail=YOU@EXAMPLE.COM.`,
  });
}
