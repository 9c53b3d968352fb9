import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The files from which Docker builds an image. */
export interface ImageContext {
  readonly folder: string;
  /** Path relative to the folder. */
  readonly dockerfile: string;
  /** Patterns as in a .dockerignore of the files that are left out. */
  readonly exclude: string[];
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DOCKERFILE = 'functions/gpu-worker/Dockerfile';

/**
 * Returns the context of the worker's image. It contains the sources and the lock file only, so
 * that other changes in a clone do not lead to another image. The list is Docker's own
 * `Dockerfile.dockerignore`, which the CDK does not read by itself.
 */
export function workerContext(): ImageContext {
  const patterns = readFileSync(join(ROOT, `${DOCKERFILE}.dockerignore`), 'utf8').split(/\r?\n/);
  return {
    folder: ROOT,
    dockerfile: DOCKERFILE,
    exclude: patterns.filter((pattern) => pattern !== '' && !pattern.startsWith('#')),
  };
}
