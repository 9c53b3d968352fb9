import { GetBucketNotificationConfigurationCommand } from '@aws-sdk/client-s3';
import { deployAgain } from '../../deployment/deploy-again.ts';
import { awsOption } from '../../deployment/deployment.ts';
import { readQueueFacts } from '../../deployment/queue-facts.ts';
import { uploadsQueue } from '../../deployment/uploads-queue.ts';
import type { Check } from '../check.ts';
import { fault, sound, warning } from '../finding.ts';

/** The bucket tells the uploads queue about new objects. */
export const bucketEvents: Check = {
  name: 'bucket-events',
  actions: ['s3:GetBucketNotification', 'sqs:GetQueueAttributes'],
  async run({ deployment, signal }) {
    const { bucket, clients, option } = deployment;
    const { arn } = await readQueueFacts(clients.sqs, uploadsQueue(deployment).url, signal);
    const {
      QueueConfigurations = [],
      TopicConfigurations = [],
      EventBridgeConfiguration,
    } = await clients.s3.send(new GetBucketNotificationConfigurationCommand({ Bucket: bucket }), {
      abortSignal: signal,
    });
    const ours = QueueConfigurations.filter(({ QueueArn }) => QueueArn === arn);
    const isWatched = ours.some(({ Events = [] }) => Events.some((event) => event.startsWith('s3:ObjectCreated:')));
    if (isWatched) return sound(`s3://${bucket} sends its events to the uploads queue`);
    if (EventBridgeConfiguration !== undefined && deployment.aws?.watched.source === 'event-bridge') {
      return sound(`s3://${bucket} sends its events to EventBridge, where a rule of the stack takes them`);
    }
    const told = { expected: `s3://${bucket} sends the events s3:ObjectCreated:* to ${arn}` };
    if (EventBridgeConfiguration !== undefined || TopicConfigurations.length > 0) {
      return warning({
        ...told,
        found: 'its events go to EventBridge or SNS',
        cure: 'Check that a rule or a subscription sends them on to the uploads queue.',
      });
    }
    return fault({
      ...told,
      found: 'no such notification, so no upload is ever tagged',
      cure:
        deployment.aws === null
          ? `Restart the local stack: npx autoswiftnet start`
          : `${deployAgain(deployment.aws)}. If that changes nothing, set the notification: aws s3api put-bucket-notification-configuration --bucket ${bucket} --notification-configuration '{"QueueConfigurations":[{"QueueArn":"${arn}","Events":["s3:ObjectCreated:*","s3:ObjectRemoved:*","s3:LifecycleExpiration:*"]}]}'${awsOption(deployment, 's3')}. Then run doctor${option} again.`,
    });
  },
};
