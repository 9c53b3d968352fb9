import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ConfigurationError } from '../../functions/errors.ts';
import type { ImageContext } from './image-context.ts';
import { preparedPath } from './prepared-path.ts';

/** An image in ECR: account, region, repository, and a tag or digest. */
export const ECR_URI = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com[^/]*\/([^:@]+)[:@](\S+)$/;

/** The container image of the worker of the heavy models: x86-64, with CUDA. */
export class WorkerImage {
  /**
   * Uses an image that is in ECR. A clone builds one with `functions/gpu-worker/Dockerfile`.
   * @param uri with a tag or digest
   * @throws {ConfigurationError} when it is no URI of ECR with a tag or digest
   * @example WorkerImage.fromUri('123456789012.dkr.ecr.eu-west-1.amazonaws.com/worker:1.0')
   */
  static fromUri(uri: string): WorkerImage {
    if (!ECR_URI.test(uri)) {
      throw new ConfigurationError(
        `the worker's image is ${JSON.stringify(uri)}, which is no ECR image URI with a tag or digest. Give one such as 123456789012.dkr.ecr.eu-west-1.amazonaws.com/worker:1.0.`,
      );
    }
    return new WorkerImage({ uri });
  }

  /**
   * Lets Docker build the image at deployment, from the program that the npm package brings.
   * @throws {ConfigurationError} in a clone, where nothing is prepared
   */
  static prebuilt(): WorkerImage {
    return WorkerImage.fromContext({ folder: preparedPath('worker'), dockerfile: 'Dockerfile', exclude: [] });
  }

  /**
   * Lets Docker build the image at deployment from files of your own.
   * @param folder all that the image is built from, such as a clone of AutoSwiftNet
   * @param dockerfile relative to the folder. Default: `Dockerfile`
   * @throws {ConfigurationError} when the folder has no such Dockerfile
   */
  static fromFolder(folder: string, dockerfile = 'Dockerfile'): WorkerImage {
    if (!existsSync(join(folder, dockerfile))) {
      throw new ConfigurationError(
        `the worker's image cannot be built from ${folder}: it has no ${dockerfile}. Give the folder that has it, and the path of the Dockerfile in it.`,
      );
    }
    return WorkerImage.fromContext({ folder: resolve(folder), dockerfile, exclude: [] });
  }

  /** @internal */
  static fromContext(context: ImageContext): WorkerImage {
    return new WorkerImage({ context });
  }

  /** @internal */
  readonly source: { readonly uri: string } | { readonly context: ImageContext };

  private constructor(source: WorkerImage['source']) {
    this.source = source;
  }
}
