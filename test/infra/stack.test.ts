import { createTableInput } from '../../functions/records/table-schema.ts';
import { tagUploadEnvironmentSchema } from '../../functions/tag-upload/dependencies.ts';
import { BATCH_SIZE, FUNCTION_TIMEOUT_SECONDS, MAX_RECEIVE_COUNT } from '../../functions/tag-upload/queue.ts';
import { type Assembly, onlyResource, resourcesOf, SYNTH_TIMEOUT_MS, synthesize } from './assemblies.ts';

const CONTEXTS = {
  default: {},
  withoutGpu: { gpu: false },
  chosen: {
    architecture: 'x64',
    memoryMb: 3008,
    tagConcurrency: 7,
    tagLabels: 0,
    corsOrigins: 'https://photos.example',
    noncurrentDays: 3,
    logRetentionDays: 7,
    keepData: false,
  },
  existingBucket: { bucket: 'their-photos', gpu: false },
};

let assemblies: Record<keyof typeof CONTEXTS, Assembly>;

beforeAll(async () => {
  assemblies = await synthesize(CONTEXTS);
}, SYNTH_TIMEOUT_MS);

function template(name: keyof typeof CONTEXTS = 'default') {
  return assemblies[name].template;
}

test.each(Object.keys(CONTEXTS) as (keyof typeof CONTEXTS)[])(
  'neither the rule packs nor the schemas of CloudFormation find anything in the configuration %s',
  (name) => {
    expect(assemblies[name].findings).toEqual([]);
  },
);

describe('the image bucket', () => {
  test('is private, encrypted, TLS only, versioned, and cleans up after itself', () => {
    expect(onlyResource(template(), 'AWS::S3::Bucket', 'Images')).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      VersioningConfiguration: { Status: 'Enabled' },
      LifecycleConfiguration: {
        Rules: [
          {
            NoncurrentVersionExpiration: { NoncurrentDays: 30 },
            AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
          },
        ],
      },
    });
    expect(JSON.stringify(onlyResource(template(), 'AWS::S3::BucketPolicy', 'Images'))).toContain(
      'aws:SecureTransport',
    );
  });

  test('tells the queue of creations, removals and expirations, once the queue lets it', () => {
    const [bucket] = resourcesOf(template(), 'AWS::S3::Bucket', 'Images');

    expect(bucket?.Properties).toMatchObject({
      NotificationConfiguration: {
        QueueConfigurations: [
          { Event: 's3:ObjectCreated:*' },
          { Event: 's3:ObjectRemoved:*' },
          { Event: 's3:LifecycleExpiration:*' },
        ],
      },
    });
    expect(bucket?.DependsOn).toEqual([expect.stringMatching(/^UploadsQueuePolicy/)]);
    expect(onlyResource(template(), 'AWS::SQS::QueuePolicy', 'Uploads/Queue')).toMatchObject({
      PolicyDocument: {
        Statement: expect.arrayContaining([
          expect.objectContaining({
            Action: 'sqs:SendMessage',
            Principal: { Service: 's3.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
          }),
        ]),
      },
    });
  });

  test('has CORS for the configured origins and none without, and stays unless told otherwise', () => {
    const chosen = resourcesOf(template('chosen'), 'AWS::S3::Bucket', 'Images')[0];

    expect(chosen?.Properties).toMatchObject({
      CorsConfiguration: {
        CorsRules: [{ AllowedOrigins: ['https://photos.example'], AllowedMethods: ['POST', 'PUT'] }],
      },
      LifecycleConfiguration: { Rules: [{ NoncurrentVersionExpiration: { NoncurrentDays: 3 } }] },
    });
    expect(chosen?.DeletionPolicy).toBe('Delete');
    expect(onlyResource(template(), 'AWS::S3::Bucket', 'Images')).not.toHaveProperty('CorsConfiguration');
    expect(resourcesOf(template(), 'AWS::S3::Bucket', 'Images')[0]?.DeletionPolicy).toBe('Retain');
  });

  test('can be one that exists, of which only the notifications are touched', () => {
    expect(resourcesOf(template('existingBucket'), 'AWS::S3::Bucket', 'Images')).toEqual([]);
    expect(onlyResource(template('existingBucket'), 'Custom::S3BucketNotifications')).toMatchObject({
      BucketName: 'their-photos',
      Managed: false,
    });
    expect(resourcesOf(template(), 'Custom::S3BucketNotifications')).toEqual([]);
  });
});

test('the service bucket is watched by nobody, and what jobs leave in it goes after a day', () => {
  const bucket = onlyResource(template(), 'AWS::S3::Bucket', 'Service');

  expect(bucket).not.toHaveProperty('NotificationConfiguration');
  expect(bucket).toMatchObject({
    LifecycleConfiguration: { Rules: [{ Prefix: 'jobs/', ExpirationInDays: 1, Status: 'Enabled' }] },
    PublicAccessBlockConfiguration: { RestrictPublicBuckets: true },
  });
});

test('the table is the one that the functions know, on demand and restorable', () => {
  const { TableName: _, ...declared } = createTableInput('any');
  const table = onlyResource(template(), 'AWS::DynamoDB::Table');

  expect({ ...table, AttributeDefinitions: sorted(table['AttributeDefinitions']) }).toMatchObject({
    ...declared,
    AttributeDefinitions: sorted(declared.AttributeDefinitions),
    TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  });
});

test("the uploads queue hides a message six times the function's timeout and gives up into the dead letters", () => {
  const [uploads] = resourcesOf(template(), 'AWS::SQS::Queue', 'Uploads/Queue');

  expect(uploads?.Properties).toMatchObject({
    VisibilityTimeout: 6 * FUNCTION_TIMEOUT_SECONDS,
    RedrivePolicy: { maxReceiveCount: MAX_RECEIVE_COUNT },
    SqsManagedSseEnabled: true,
  });
  expect(onlyResource(template(), 'AWS::SQS::Queue', 'Uploads/DeadLetters')).toMatchObject({
    MessageRetentionPeriod: 14 * 86_400,
  });
});

describe('the tagging function', () => {
  test('runs Node 24 on arm64 with a whole vCPU, traced, its logs kept for 30 days', () => {
    expect(onlyResource(template(), 'AWS::Lambda::Function', 'Tagging')).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      MemorySize: 1769,
      Timeout: FUNCTION_TIMEOUT_SECONDS,
      TracingConfig: { Mode: 'Active' },
      Layers: [{ Ref: expect.stringMatching(/^LayersRuntime/) }, { Ref: expect.stringMatching(/^LayersModel/) }],
    });
    expect(onlyResource(template(), 'AWS::Logs::LogGroup', 'Tagging')).toMatchObject({ RetentionInDays: 30 });
  });

  test('runs as configured', () => {
    expect(onlyResource(template('chosen'), 'AWS::Lambda::Function', 'Tagging')).toMatchObject({
      Architectures: ['x86_64'],
      MemorySize: 3008,
    });
    expect(onlyResource(template('chosen'), 'AWS::Logs::LogGroup', 'Tagging')).toMatchObject({ RetentionInDays: 7 });
    expect(onlyResource(template('chosen'), 'AWS::Lambda::EventSourceMapping', 'Tagging')).toMatchObject({
      ScalingConfig: { MaximumConcurrency: 7 },
    });
  });

  test('takes batches of which single messages can fail, at bounded concurrency', () => {
    expect(onlyResource(template(), 'AWS::Lambda::EventSourceMapping', 'Tagging')).toMatchObject({
      BatchSize: BATCH_SIZE,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 10 },
    });
  });

  test('is given exactly the variables that it reads', () => {
    const { Environment } = onlyResource(template(), 'AWS::Lambda::Function', 'Tagging') as {
      Environment: { Variables: Record<string, unknown> };
    };
    const names = Object.keys(tagUploadEnvironmentSchema.shape);

    // The folder of models is the one where Lambda unpacks layers, without saying so.
    expect(Object.keys(Environment.Variables).sort()).toEqual(
      names.filter((name) => name !== 'AUTOSWIFTNET_MODELS').sort(),
    );
    expect(Environment.Variables['AUTOSWIFTNET_MODEL']).toBe('sample');
  });
});

test('the outputs are commands to try', () => {
  const { UploadCommand, TagsCommand } = template().Outputs;

  expect(JSON.stringify(UploadCommand?.Value)).toContain('aws s3 cp photo.jpg s3://');
  expect(JSON.stringify(TagsCommand?.Value)).toContain('aws s3api get-object-tagging');
});

test('with the GPU off no resource of ECS, EC2 or ECR is left', () => {
  const types = Object.values(template('withoutGpu').Resources).map(({ Type }) => Type);

  expect(types.filter((type) => /^AWS::(ECS|EC2|ECR|ApplicationAutoScaling)::/.test(type))).toEqual([]);
});

test('the whole template is as it was', () => {
  // Hashes of contents are the stand-ins' names, and of no interest here.
  expect(template()).toMatchSnapshot();
});

function sorted(definitions: unknown): unknown[] {
  return [...(definitions as { AttributeName: string }[])].sort((one, other) =>
    one.AttributeName < other.AttributeName ? -1 : 1,
  );
}
