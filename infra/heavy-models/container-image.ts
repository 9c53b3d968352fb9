import { Aws, IgnoreMode } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import { ECR_URI, type WorkerImage } from '../artefacts/worker-image.ts';

/**
 * Returns the image of the worker: an image in ECR, or one that Docker builds from the Dockerfile
 * at deployment. It is x86-64, because there are no CUDA libraries for arm64.
 */
export function containerImage(scope: Construct, { source }: WorkerImage): ContainerImage {
  if ('uri' in source) {
    const [, account, region, repositoryName = '', tagOrDigest = ''] = ECR_URI.exec(source.uri) ?? [];
    const repository = Repository.fromRepositoryAttributes(scope, 'Repository', {
      repositoryName,
      repositoryArn: `arn:${Aws.PARTITION}:ecr:${region}:${account}:repository/${repositoryName}`,
    });
    return ContainerImage.fromEcrRepository(repository, tagOrDigest);
  }
  const image = new DockerImageAsset(scope, 'Image', {
    directory: source.context.folder,
    file: source.context.dockerfile,
    exclude: source.context.exclude,
    ignoreMode: IgnoreMode.DOCKER,
    platform: Platform.LINUX_AMD64,
  });
  return ContainerImage.fromDockerImageAsset(image);
}
