import { GetTopicAttributesCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import type { Check } from '../check.ts';
import { sound } from '../finding.ts';
import { TRIAL_PREFIX } from '../trial.ts';

/** Others' results arrive here as well; nobody needs them for longer. */
const RETENTION_SECONDS = '300';

/** The results topic exists, and a queue of our own listens to it. */
export const resultsTopic: Check = {
  name: 'results-topic',
  actions: ['sns:GetTopicAttributes', 'sqs:CreateQueue', 'sns:Subscribe'],
  async run({ deployment: { clients, resultsTopicArn }, trial, signal }) {
    const { sqs, sns } = clients;
    const abort = { abortSignal: signal };
    await sns.send(new GetTopicAttributesCommand({ TopicArn: resultsTopicArn }), abort);
    const name = `${TRIAL_PREFIX}-${trial.id}`;
    const queueArn = beside(resultsTopicArn, name);
    const { QueueUrl = '' } = await sqs.send(
      new CreateQueueCommand({
        QueueName: name,
        Attributes: {
          MessageRetentionPeriod: RETENTION_SECONDS,
          Policy: JSON.stringify(letPublish(resultsTopicArn, queueArn)),
        },
      }),
      abort,
    );
    trial.listener = { queueUrl: QueueUrl, subscriptionArn: null };
    const { SubscriptionArn = null } = await sns.send(
      new SubscribeCommand({
        TopicArn: resultsTopicArn,
        Protocol: 'sqs',
        Endpoint: queueArn,
        Attributes: { RawMessageDelivery: 'true' },
        ReturnSubscriptionArn: true,
      }),
      abort,
    );
    trial.listener = { queueUrl: QueueUrl, subscriptionArn: SubscriptionArn };
    return sound(`listening to ${resultsTopicArn}`);
  },
};

/** The ARN of a queue in the account and region of a topic. */
function beside(topicArn: string, queueName: string): string {
  const [, partition, , region, account] = topicArn.split(':');
  return `arn:${partition}:sqs:${region}:${account}:${queueName}`;
}

function letPublish(topicArn: string, queueArn: string) {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: queueArn,
        Condition: { ArnEquals: { 'aws:SourceArn': topicArn } },
      },
    ],
  };
}
