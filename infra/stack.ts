import { Annotations, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Artefacts } from './artefacts/artefacts.ts';
import { WorkerImage } from './artefacts/worker-image.ts';
import { Backfill } from './backfill/backfill.ts';
import type { Configuration } from './configuration/configuration.ts';
import { HeavyModels } from './heavy-models/heavy-models.ts';
import { HttpApi } from './http-api/http-api.ts';
import { Monitoring } from './monitoring/monitoring.ts';
import { Page } from './page/page.ts';
import { Canary } from './release/canary.ts';
import { AutoSwiftNet } from './tagging/auto-swift-net.ts';

export interface AutoSwiftNetStackProps extends StackProps {
  readonly configuration: Configuration;
  readonly artefacts: Artefacts;
}

type Settings = Omit<Configuration, 'bucket' | 'table'>;

/** The app's stack: the constructs with the settings of the configuration, and outputs. */
export class AutoSwiftNetStack extends Stack {
  constructor(scope: Construct, id: string, { configuration, artefacts, ...props }: AutoSwiftNetStackProps) {
    super(scope, id, { terminationProtection: configuration.protect, ...props });
    const { bucket: bucketName, table: tableName, ...settings } = configuration;
    const { code, model } = artefacts;
    // The CDK leaves this id out of the names in the template.
    const service = new AutoSwiftNet(this, 'Default', {
      ...settings,
      outputPrefix: '',
      code,
      model,
      bucket: this.existingBucket(bucketName),
      table: tableName === undefined ? undefined : Table.fromTableName(this, 'ExistingTable', tableName),
    });
    const api = this.addApi(service, settings);
    api.domain?.target.overrideLogicalId('DomainTarget');
    const backfill = new Backfill(this, 'Backfill', { ...settings, service });
    const heavyModels = settings.gpu ? this.addHeavyModels(service, settings, artefacts) : undefined;
    if (settings.deployment === 'canary') new Canary(this, 'Canary', { service, api });
    new Monitoring(this, 'Monitoring', { ...settings, service, api, backfill, heavyModels });
    const page = settings.page ? new Page(this, 'Page', { ...settings, api }) : null;
    this.addOutputs(settings, service, api, page);
    artefacts.notices.forEach((notice, index) => {
      Annotations.of(this).addWarningV2(`autoswiftnet:model-${index}`, notice);
    });
  }

  /**
   * Returns a bucket that exists. The place in the tree decides on the logical id of the custom
   * resource that sets its notifications. With another id CloudFormation would add them, and then
   * remove them together with the old one.
   */
  private existingBucket(name: string | undefined): IBucket | undefined {
    return name === undefined ? undefined : Bucket.fromBucketName(new Construct(this, 'Images'), 'Bucket', name);
  }

  private addApi(service: AutoSwiftNet, { certificateArn, hostedZoneId, ...settings }: Settings): HttpApi {
    return new HttpApi(this, 'Api', {
      ...settings,
      service,
      certificate:
        certificateArn === undefined ? undefined : Certificate.fromCertificateArn(this, 'Certificate', certificateArn),
      hostedZone: hostedZoneId === undefined ? undefined : HostedZone.fromHostedZoneId(this, 'Zone', hostedZoneId),
    });
  }

  private addHeavyModels(
    service: AutoSwiftNet,
    { gpuImage: uri, ...settings }: Settings,
    { heavyPackages, workerImage }: Artefacts,
  ): HeavyModels {
    return new HeavyModels(this, 'Heavy', {
      ...settings,
      service,
      models: heavyPackages,
      image: uri === undefined ? WorkerImage.fromContext(workerImage) : WorkerImage.fromUri(uri),
    });
  }

  private output(name: string, description: string, value: string): void {
    new CfnOutput(this, name, { description, value });
  }

  /** Adds commands to try. The constructs add the names of what they created. */
  private addOutputs(settings: Settings, { bucket }: AutoSwiftNet, { url }: HttpApi, page: Page | null): void {
    const output = this.output.bind(this);
    output(
      'UploadCommand',
      'Uploads an image, which is then tagged',
      `aws s3 cp photo.jpg s3://${bucket.bucketName}/photo.jpg`,
    );
    output(
      'TagsCommand',
      'Shows the tags of that image',
      `aws s3api get-object-tagging --bucket ${bucket.bucketName} --key photo.jpg`,
    );
    output('HealthCommand', 'Shows whether the API answers', `curl ${url}health`);
    output(
      'ClassifyCommand',
      'Classifies an image over HTTP',
      `curl ${authorization(settings, this.region)} -H "content-type: image/jpeg" --data-binary @photo.jpg ${url}classify`,
    );
    if (settings.gpu) {
      output(
        'WithoutGpu',
        'Leaves out the GPU part; add the other -c keys of this deployment',
        'npx cdk deploy -c gpu=false',
      );
    }
    if (page !== null) output('PageUrl', 'Address of the page', page.url);
  }
}

/** Returns the curl options that authenticate a call to the API. */
function authorization({ jwtIssuer }: Settings, region: string): string {
  if (jwtIssuer !== undefined) return '-H "Authorization: Bearer $TOKEN"';
  return `--aws-sigv4 aws:amz:${region}:execute-api --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" -H "x-amz-security-token: $AWS_SESSION_TOKEN"`;
}
