import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import type { ModelPackage } from '../artefacts/model-package.ts';

/**
 * The heavy packages as files in the bucket of the deployment. Each file is uploaded unchanged
 * under the hash of its content, so that only changed files are uploaded.
 */
export class HeavyPackages extends Construct {
  /** Locations and hashes, in the form of AUTOSWIFTNET_HEAVY_PACKAGES. */
  readonly variable: string;
  /** ARNs of the files. */
  readonly arns: readonly string[];

  constructor(scope: Construct, id: string, packages: readonly ModelPackage[]) {
    super(scope, id);
    const arns: string[] = [];
    const locations = packages.map(({ name, packageDir, hashes }) => {
      const entries = Object.entries(hashes).map(([file, assetHash]) => {
        const asset = new Asset(this, `${name}-${file}`, { path: join(packageDir, file), assetHash });
        arns.push(`${asset.bucket.bucketArn}/${asset.s3ObjectKey}`);
        return [file, { url: asset.s3ObjectUrl, sha256: assetHash }];
      });
      return [name, Object.fromEntries(entries)];
    });
    this.variable = Stack.of(this).toJsonString(Object.fromEntries(locations));
    this.arns = arns;
  }
}
