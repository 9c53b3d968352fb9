import type { Deployment, WorkQueue } from './deployment.ts';
import { DeploymentNotFoundError } from './errors.ts';

/** Name of the queue that receives the events of the bucket. */
const UPLOADS = 'uploads';

export function findUploadsQueue({ queues }: Pick<Deployment, 'queues'>): WorkQueue | undefined {
  return queues.find((queue) => queue.name === UPLOADS);
}

/** @throws {DeploymentNotFoundError} when the deployment names no such queue */
export function uploadsQueue(deployment: Pick<Deployment, 'queues' | 'name'>): WorkQueue {
  const found = findUploadsQueue(deployment);
  if (found !== undefined) return found;
  throw new DeploymentNotFoundError(`${deployment.name} names no uploads queue`, 'Deploy it again with this version.');
}
