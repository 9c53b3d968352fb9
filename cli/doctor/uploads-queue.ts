import type { Deployment, WorkQueue } from '../deployment/deployment.ts';
import { DeploymentNotFoundError } from '../deployment/errors.ts';

/** Name of the queue that receives the events of the bucket. */
const UPLOADS = 'uploads';

/** @throws {DeploymentNotFoundError} when the deployment names no such queue */
export function uploadsQueue({ queues, name }: Pick<Deployment, 'queues' | 'name'>): WorkQueue {
  const found = queues.find((queue) => queue.name === UPLOADS);
  if (found !== undefined) return found;
  throw new DeploymentNotFoundError(`${name} names no uploads queue`, 'Deploy it again with this version.');
}
