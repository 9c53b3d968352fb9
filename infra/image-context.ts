import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What Docker builds an image of. */
export interface ImageContext {
  readonly folder: string;
  /** Relative to the folder. */
  readonly dockerfile: string;
  /** Patterns as in a .dockerignore: what the image is not made of. */
  readonly exclude: string[];
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DOCKERFILE = 'functions/gpu-worker/Dockerfile';

/**
 * The worker's image is built of its sources and the lock, so that nothing else of a clone makes another image. The list is
 * Docker's own, `Dockerfile.dockerignore`, which the CDK does not look for beside a Dockerfile.
 */
export function workerContext(): ImageContext {
  const patterns = readFileSync(join(ROOT, `${DOCKERFILE}.dockerignore`), 'utf8').split(/\r?\n/);
  return {
    folder: ROOT,
    dockerfile: DOCKERFILE,
    exclude: patterns.filter((pattern) => pattern !== '' && !pattern.startsWith('#')),
  };
}
