import { useAssemblies } from './assemblies.ts';
import { CONTEXTS, type ContextName } from './configurations.ts';
import { grantsOf } from './granted-actions.ts';

const assembly = useAssemblies();

function grants(name: ContextName, path: string): string[] {
  return grantsOf(assembly(name).template, path);
}

test('the tagging function has exactly these permissions', () => {
  expect(grants('default', 'Tagging/TagUpload')).toEqual([
    'dynamodb:DeleteItem on <RecordsTable>',
    'dynamodb:PutItem on <RecordsTable>',
    'dynamodb:Query on <RecordsTable>',
    'logs:CreateLogStream on <TaggingTagUploadLogs>',
    'logs:PutLogEvents on <TaggingTagUploadLogs>',
    's3:DeleteObject on <ServiceBucket>/thumbnails/*',
    's3:GetObject on <ImagesBucket>/*',
    's3:GetObjectTagging on <ImagesBucket>/*',
    's3:GetObjectVersion on <ImagesBucket>/*',
    's3:GetObjectVersionTagging on <ImagesBucket>/*',
    's3:ListBucket on <ImagesBucket>',
    's3:PutObjectTagging on <ImagesBucket>/*',
    's3:PutObjectVersionTagging on <ImagesBucket>/*',
    'sns:Publish on <Results>',
    'sqs:ChangeMessageVisibility on <UploadsQueue>',
    'sqs:DeleteMessage on <UploadsQueue>',
    'sqs:GetQueueAttributes on <UploadsQueue>',
    'sqs:GetQueueUrl on <UploadsQueue>',
    'sqs:ReceiveMessage on <UploadsQueue>',
    'sqs:SendMessage on <HeavyQueue>',
    'xray:PutTelemetryRecords on *',
    'xray:PutTraceSegments on *',
  ]);
});

test('without tags it has no permission to tag, and without the GPU none to send to the heavy queue', () => {
  expect(grants('chosen', 'Tagging').filter((grant) => /Tagging on/.test(grant))).toEqual([]);
  expect(grants('withoutGpu', 'Tagging').filter((grant) => grant.startsWith('sqs:SendMessage'))).toEqual([]);
});

test('the function of the dead letters has exactly these permissions', () => {
  expect(grants('default', 'DeadLetters')).toEqual([
    'dynamodb:DeleteItem on <RecordsTable>',
    'dynamodb:PutItem on <RecordsTable>',
    'dynamodb:Query on <RecordsTable>',
    'lambda:InvokeFunction on <TaggingTagUploadAlias>',
    'logs:CreateLogStream on <DeadLettersFunctionLogs>',
    'logs:PutLogEvents on <DeadLettersFunctionLogs>',
    's3:DeleteObject on <ServiceBucket>/thumbnails/*',
    's3:GetObjectTagging on <ImagesBucket>/*',
    's3:GetObjectVersionTagging on <ImagesBucket>/*',
    's3:ListBucket on <ImagesBucket>',
    's3:PutObjectTagging on <ImagesBucket>/*',
    's3:PutObjectVersionTagging on <ImagesBucket>/*',
    'sns:Publish on <Results>',
    'sqs:ChangeMessageVisibility on <UploadsDeadLetters>',
    'sqs:DeleteMessage on <UploadsDeadLetters>',
    'sqs:GetQueueAttributes on <UploadsDeadLetters>',
    'sqs:GetQueueUrl on <UploadsDeadLetters>',
    'sqs:ReceiveMessage on <UploadsDeadLetters>',
    'sqs:SendMessage on <UploadsParked>',
    'xray:PutTelemetryRecords on *',
    'xray:PutTraceSegments on *',
  ]);
});

test('the API function has exactly these permissions', () => {
  expect(grants('withoutGpu', 'Api/Function')).toEqual([
    'dynamodb:BatchGetItem on <RecordsTable>',
    'dynamodb:DeleteItem on <RecordsTable>',
    'dynamodb:GetItem on <RecordsTable>',
    'dynamodb:PutItem on <RecordsTable>',
    'dynamodb:Query on <RecordsTable>',
    'dynamodb:Query on <RecordsTable>/index/byLabel',
    'dynamodb:Query on <RecordsTable>/index/byLastModified',
    'dynamodb:UpdateItem on <RecordsTable>',
    'logs:CreateLogStream on <ApiFunctionLogs>',
    'logs:PutLogEvents on <ApiFunctionLogs>',
    's3:DeleteObject on <ServiceBucket>/thumbnails/*',
    's3:GetObject on <ImagesBucket>/*',
    's3:GetObject on <ServiceBucket>/thumbnails/*',
    's3:GetObjectVersion on <ImagesBucket>/*',
    's3:ListBucket on <ImagesBucket>',
    's3:ListBucket on <ServiceBucket>',
    's3:PutObject on <ImagesBucket>/*',
    's3:PutObject on <ServiceBucket>/thumbnails/*',
    'xray:PutTelemetryRecords on *',
    'xray:PutTraceSegments on *',
  ]);
});

test('with the GPU, the API may also store the images of jobs and send requests, and nothing else', () => {
  const without = grants('withoutGpu', 'Api/Function');

  expect(grants('default', 'Api/Function').filter((grant) => !without.includes(grant))).toEqual([
    's3:PutObject on <ServiceBucket>/jobs/*',
    'sqs:SendMessage on <HeavyQueue>',
  ]);
});

test('the heavy worker has exactly these permissions', () => {
  const packages = /on arn:.*cdk-hnb659fds-assets/;
  const worker = grants('default', 'Heavy/Task/TaskRole');

  expect(worker.filter((grant) => !packages.test(grant))).toEqual([
    'dynamodb:DeleteItem on <RecordsTable>',
    'dynamodb:GetItem on <RecordsTable>',
    'dynamodb:PutItem on <RecordsTable>',
    'dynamodb:Query on <RecordsTable>',
    's3:DeleteObject on <ServiceBucket>/thumbnails/*',
    's3:GetObject on <ImagesBucket>/*',
    's3:GetObject on <ServiceBucket>/jobs/*',
    's3:GetObjectTagging on <ImagesBucket>/*',
    's3:GetObjectVersion on <ImagesBucket>/*',
    's3:GetObjectVersionTagging on <ImagesBucket>/*',
    's3:ListBucket on <ImagesBucket>',
    's3:PutObjectTagging on <ImagesBucket>/*',
    's3:PutObjectVersionTagging on <ImagesBucket>/*',
    'sns:Publish on <Results>',
    'sqs:ChangeMessageVisibility on <HeavyQueue>',
    'sqs:DeleteMessage on <HeavyQueue>',
    'sqs:ReceiveMessage on <HeavyQueue>',
  ]);
  expect(
    worker
      .filter((grant) => packages.test(grant))
      .map((grant) => grant.replace(/ on .*\./, ' on .'))
      .sort(),
  ).toEqual(['s3:GetObject on .bin', 's3:GetObject on .json', 's3:GetObject on .onnx']);
});

test('the function of the backfill has exactly these permissions', () => {
  expect(grants('default', 'Backfill/Function')).toEqual([
    'dynamodb:DeleteItem on <RecordsTable>',
    'dynamodb:PutItem on <RecordsTable>',
    'dynamodb:Query on <RecordsTable>',
    'logs:CreateLogStream on <BackfillFunctionLogs>',
    'logs:PutLogEvents on <BackfillFunctionLogs>',
    's3:DeleteObject on <ServiceBucket>/thumbnails/*',
    's3:GetObject on <ImagesBucket>/*',
    's3:GetObjectTagging on <ImagesBucket>/*',
    's3:GetObjectVersionTagging on <ImagesBucket>/*',
    's3:ListBucket on <ImagesBucket>',
    's3:PutObject on <ServiceBucket>/backfill/*',
    's3:PutObjectTagging on <ImagesBucket>/*',
    's3:PutObjectVersionTagging on <ImagesBucket>/*',
    'sns:Publish on <Results>',
    'sqs:SendMessage on <HeavyQueue>',
    'xray:PutTelemetryRecords on *',
    'xray:PutTraceSegments on *',
  ]);
});

test("the backfill's state machine reads the listing and, where one is named, the bucket of inventories", () => {
  const own = (name: ContextName) => [...grants(name, 'Backfill/Role'), ...grants(name, 'Backfill/Batches')];
  const executions = 'arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:<BackfillStateMachine>';

  expect(own('default').filter((grant) => !/^(logs|xray):/.test(grant))).toEqual([
    'lambda:InvokeFunction on <BackfillFunctionAlias>',
    's3:AbortMultipartUpload on <ServiceBucket>/backfill/*',
    's3:GetObject on <ServiceBucket>/backfill/*',
    's3:ListBucket on <ImagesBucket>',
    's3:ListMultipartUploadParts on <ServiceBucket>/backfill/*',
    's3:PutObject on <ServiceBucket>/backfill/*',
    `states:DescribeExecution on ${executions}:*`,
    `states:RedriveExecution on ${executions}/TagInventoried:*`,
    `states:RedriveExecution on ${executions}/TagListed:*`,
    'states:StartExecution on <BackfillStateMachine>',
    `states:StopExecution on ${executions}:*`,
  ]);
  expect(own('chosen')).toContain('s3:GetObject on arn:<AWS::Partition>:s3:::photo-lists/*');
});

test('no role has wildcard actions or resources, except where AWS offers nothing narrower', () => {
  const everywhere = (Object.keys(CONTEXTS) as ContextName[])
    .flatMap((name) => grants(name, ''))
    .filter((grant) => grant.endsWith(' on *') || /:\*| \*$|^\*/.test(grant.replace(/:execution:.*/, '')));

  expect([...new Set(everywhere)].sort()).toEqual([
    'ecr:GetAuthorizationToken on *',
    'ecs:DiscoverPollEndpoint on *',
    // The delivery of Step Functions' logs.
    'logs:CreateLogDelivery on *',
    'logs:DeleteLogDelivery on *',
    'logs:DescribeLogGroups on *',
    'logs:DescribeResourcePolicies on *',
    'logs:GetLogDelivery on *',
    'logs:ListLogDeliveries on *',
    'logs:PutResourcePolicy on *',
    'logs:UpdateLogDelivery on *',
    'xray:GetSamplingRules on *',
    'xray:GetSamplingTargets on *',
    'xray:PutTelemetryRecords on *',
    'xray:PutTraceSegments on *',
  ]);
});
