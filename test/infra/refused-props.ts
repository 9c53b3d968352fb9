import { App, Stack } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { ConfigurationError } from '../../functions/errors.ts';
import {
  AutoSwiftNet,
  Backfill,
  HeavyModels,
  HttpApi,
  ModelPackage,
  Monitoring,
  Page,
  WorkerImage,
} from '../../infra/index.ts';
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
    overlap: () => {
      service.addBucket(bucket, { prefix: 'a/' });
      service.addBucket(bucket, { prefix: 'a/b/', source: 'event-bridge' });
    },
    sourceTypo: () => service.addBucket(bucket, javaScript({ source: 'eventbridge' })),
    watchTypo: () => service.addBucket(bucket, javaScript({ prefx: 'b/' })),
    watchText: () => new AutoSwiftNet(stack, 'Watch', { ...uploads, watch: javaScript('b/') }),
    bucketText: () => new AutoSwiftNet(stack, 'Text', { ...uploads, bucket: javaScript('my-photos') }),
    keyText: () => new AutoSwiftNet(stack, 'Key', { ...uploads, encryptionKey: javaScript('arn:aws:kms') }),
    modelText: () => new AutoSwiftNet(stack, 'Model', { model: javaScript('models/resnet50') }),
    noService: () => new HttpApi(stack, 'NoService', javaScript({})),
    noProps: () => new Backfill(stack, 'NoProps', javaScript(undefined)),
    wrongService: () => new HttpApi(stack, 'WrongService', { service: javaScript(bucket) }),
    wrongApi: () => new Page(stack, 'WrongApi', { api: javaScript(service) }),
    noImage: () => new HeavyModels(stack, 'NoImage', javaScript({ service, models: [uploads.model] })),
    twice: () => new HeavyModels(stack, 'Twice', { service, models: [uploads.model, uploads.model], image: IMAGE }),
    unknownRule: () =>
      new HeavyModels(stack, 'Rule', { service, models: [uploads.model], image: IMAGE, modelRules: { 'a/': 'big' } }),
    subnetsAlone: () =>
      new HeavyModels(stack, 'Subnets', { service, models: [uploads.model], image: IMAGE, subnets: {} }),
    twoNetworks: () =>
      new HeavyModels(stack, 'Networks', {
        ...{ service, models: [uploads.model], image: IMAGE, network: 'private' },
        vpc: javaScript(new Vpc(stack, 'Vpc')),
      }),
    otherApi: () => new Monitoring(stack, 'OtherApi', { service: new AutoSwiftNet(stack, 'Its', uploads), api }),
    objectForText: () => new Backfill(stack, 'Object', { service, inventoryBucket: javaScript(bucket) }),
    tableKeys: () => {
      const table = new Table(stack, 'Keys', { partitionKey: { name: 'id', type: AttributeType.STRING } });
      table.addGlobalSecondaryIndex({ indexName: 'byLabel', partitionKey: { name: 'id', type: AttributeType.STRING } });
      const its = new AutoSwiftNet(stack, 'Table', { ...uploads, table: javaScript(table) });
      throw new ConfigurationError(its.node.validate().join('\n'));
    },
    folderNumber: () => ModelPackage.fromFolder(javaScript(5)),
  };
  return Object.fromEntries(Object.entries(attempts).map(([name, attempt]) => [name, errorOf(attempt)]));
}

/** Plain JavaScript has no types that would refuse a value. */
function javaScript<Type>(value: unknown): Type {
  return value as Type;
}

function errorOf(attempt: () => unknown): string {
  try {
    attempt();
  } catch (error) {
    return String(error);
  }
  return 'not refused';
}
