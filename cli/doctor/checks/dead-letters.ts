import { readQueueFacts } from '../../deployment/queue-facts.ts';
import type { Check, Visit } from '../check.ts';
import { type Finding, fault, sound } from '../finding.ts';

/** Nothing lies in the dead letters, and nothing is parked. */
export const deadLetters: Check = {
  name: 'dead-letters',
  actions: ['sqs:GetQueueAttributes'],
  run(visit) {
    const { queues, parkedUrl } = visit.deployment;
    return Promise.all([
      ...queues.map(({ name, deadLettersUrl }) => count(`dead letters of the ${name} queue`, deadLettersUrl, visit)),
      ...(parkedUrl === null ? [] : [count('parked uploads', parkedUrl, visit)]),
    ]);
  },
};

async function count(what: string, url: string, { deployment, signal }: Visit): Promise<Finding> {
  const { waiting, inWork } = await readQueueFacts(deployment.clients.sqs, url, signal);
  const messages = waiting + inWork;
  if (messages === 0) return sound(`no ${what}`);
  const { option } = deployment;
  return fault({
    expected: `no ${what}`,
    found: `${messages} ${messages === 1 ? 'message' : 'messages'} that failed on every attempt`,
    cure: `See why: npx autoswiftnet dead-letters list${option}. Repair the cause, then: npx autoswiftnet dead-letters redrive${option}`,
  });
}
