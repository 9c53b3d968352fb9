import { App, Stack } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AutoSwiftNet, HeavyModels, HttpApi, Page, WorkerImage } from '../../infra/index.ts';
import type { Uploads } from './construct-apps.ts';

const IMAGE = WorkerImage.fromUri('123456789012.dkr.ecr.eu-west-1.amazonaws.com/worker:1.0');
const CERTIFICATE = 'arn:aws:acm:eu-west-1:123456789012:certificate/1';

/** Makes what the constructs must refuse, and returns the name and message of each error. */
export function refusals(uploads: Uploads): Record<string, string> {
  const stack = new Stack(new App({ analyticsReporting: false }), 'Refused');
  const service = new AutoSwiftNet(stack, 'Tagging', uploads);
  const api = new HttpApi(stack, 'Api', { service });
  new HeavyModels(stack, 'Heavy', { service, models: [uploads.model], image: IMAGE });
  const bucket = Bucket.fromBucketName(stack, 'Theirs', 'their-photos');
  const certificate = Certificate.fromCertificateArn(stack, 'Certificate', CERTIFICATE);
  const attempts = {
    wildcard: () => service.addBucket(bucket, { prefix: 'scans-*/' }),
    outOfRange: () => new AutoSwiftNet(stack, 'Range', { ...uploads, memoryMb: 64 }),
    littleMemory: () => new AutoSwiftNet(stack, 'Memory', { ...uploads, memoryMb: 512 }),
    foreignVersions: () => new AutoSwiftNet(stack, 'Days', { ...uploads, bucket, noncurrentDays: 3 }),
    halfDomain: () => new HttpApi(stack, 'Domain', { service, certificate }),
    halfLogin: () => new HttpApi(stack, 'Login', { service, jwtIssuer: 'https://id.example' }),
    noModel: () =>
      new HeavyModels(stack, 'None', { service: new AutoSwiftNet(stack, 'Other', uploads), models: [], image: IMAGE }),
    twoHeavy: () => new HeavyModels(stack, 'Again', { service, models: [uploads.model], image: IMAGE }),
    outputPrefix: () => new AutoSwiftNet(stack, 'Prefix', { ...uploads, outputPrefix: 'my-photos' }),
    pageWithoutLogin: () => new Page(stack, 'Page', { api }),
  };
  return Object.fromEntries(Object.entries(attempts).map(([name, attempt]) => [name, errorOf(attempt)]));
}

function errorOf(attempt: () => unknown): string {
  try {
    attempt();
  } catch (error) {
    return String(error);
  }
  return 'not refused';
}
