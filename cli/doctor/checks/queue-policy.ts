import { readQueueFacts } from '../../deployment/queue-facts.ts';
import { uploadsQueue } from '../../deployment/uploads-queue.ts';
import { allows } from '../allows.ts';
import type { Check } from '../check.ts';
import { fault, skipped, sound } from '../finding.ts';
import { stackOf } from '../resources-of.ts';
import { restorePolicy } from '../restore-policy.ts';

const SERVICE = 's3.amazonaws.com';

/** The policy of the uploads queue lets S3 send to it. */
export const queuePolicy: Check = {
  name: 'queue-policy',
  actions: ['sqs:GetQueueAttributes'],
  async run(visit) {
    const { deployment, signal } = visit;
    const stack = stackOf(visit);
    if (stack.watched.source === 'event-bridge') return skipped('the events of the bucket come by EventBridge');
    const { arn, policy } = await readQueueFacts(deployment.clients.sqs, uploadsQueue(deployment).url, signal);
    const account = arn.split(':')[4] ?? '';
    if (allows(policy, { service: SERVICE, action: 'sqs:SendMessage', account })) {
      return sound('S3 may send to the uploads queue');
    }
    return fault({
      expected: `the policy of ${arn} allows ${SERVICE} sqs:SendMessage`,
      found: policy === null ? 'no policy' : 'no such statement, so no upload is ever tagged',
      cure: restorePolicy(stack),
    });
  },
};
