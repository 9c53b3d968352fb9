import * as heavy from '../../../functions/gpu-worker/queue.ts';
import * as uploads from '../../../functions/tag-upload/queue.ts';
import { awsOption, type WorkQueue } from '../../deployment/deployment.ts';
import { readQueueFacts } from '../../deployment/queue-facts.ts';
import type { Check, Visit } from '../check.ts';
import { type Finding, fault, sound, warning } from '../finding.ts';

/** More than an hour of work for one function. */
const MANY_WAITING = 10_000;

/** Attempts before a message fails. */
function attempts(queue: string): number {
  return queue === 'heavy' ? heavy.MAX_RECEIVE_COUNT : uploads.MAX_RECEIVE_COUNT;
}

/** The queues exist, send what fails to their dead letters, and are not too long. */
export const workQueues: Check = {
  name: 'work-queues',
  actions: ['sqs:GetQueueAttributes'],
  run: (visit) => Promise.all(visit.deployment.queues.map((queue) => lookAt(queue, visit))),
};

async function lookAt({ name, url, deadLettersUrl }: WorkQueue, { deployment, signal }: Visit): Promise<Finding> {
  const { sqs } = deployment.clients;
  const [queue, dead] = await Promise.all([
    readQueueFacts(sqs, url, signal),
    readQueueFacts(sqs, deadLettersUrl, signal),
  ]);
  const counts = `${queue.waiting} waiting, ${queue.inWork} in work`;
  if (queue.deadLettersArn !== dead.arn) {
    const policy = `{"deadLetterTargetArn":"${dead.arn}","maxReceiveCount":"${attempts(name)}"}`;
    return fault({
      expected: `the ${name} queue sends what fails to ${dead.arn}`,
      found: queue.deadLettersArn === null ? 'no redrive policy, so what fails is tried forever' : queue.deadLettersArn,
      cure: `aws sqs set-queue-attributes --queue-url ${url} --attributes '{"RedrivePolicy":"${policy.replaceAll('"', '\\"')}"}'${awsOption(deployment, 'sqs')}`,
    });
  }
  if (queue.waiting > MANY_WAITING) {
    return warning({
      expected: `at most ${MANY_WAITING} messages in the ${name} queue`,
      found: counts,
      cure: 'Wait, or raise tagConcurrency (docs/deploy.md#configuration). If the number does not fall, read docs/runbook.md.',
    });
  }
  return sound(`${name}: ${counts}`);
}
