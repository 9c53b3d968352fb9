import type { Deployment } from '../deployment/deployment.ts';
import { DeploymentNotFoundError } from '../deployment/errors.ts';
import { findUploadsQueue } from '../deployment/uploads-queue.ts';

/** A queue of messages that failed, and the queue that they came from. */
export interface FailedQueue {
  /** `uploads`, `heavy` or `parked`. */
  readonly name: string;
  readonly url: string;
  /** Where a redrive sends its messages. */
  readonly sourceUrl: string;
}

const PARKED = 'parked';

/**
 * Lists the queues of failed messages.
 * @param name only that one
 * @throws {DeploymentNotFoundError} when there is no queue of that name
 */
export function failedQueues(deployment: Deployment, name?: string): FailedQueue[] {
  const { queues, parkedUrl } = deployment;
  const uploads = findUploadsQueue(deployment);
  const all = [
    ...queues.map((queue) => ({ name: queue.name, url: queue.deadLettersUrl, sourceUrl: queue.url })),
    ...(parkedUrl === null || uploads === undefined ? [] : [{ name: PARKED, url: parkedUrl, sourceUrl: uploads.url }]),
  ];
  if (name === undefined) return all;
  const found = all.filter((queue) => queue.name === name);
  if (found.length > 0) return found;
  const names = all.map((queue) => queue.name).join(', ');
  throw new DeploymentNotFoundError(`${deployment.name} has no queue ${name}`, `Use one of ${names}, or no --queue.`);
}
