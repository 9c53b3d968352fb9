import { onlyResource, resourcesOf, type Template } from '../assemblies.ts';
import { useConstructs } from '../construct-assemblies.ts';
import { grantsOf } from '../granted-actions.ts';

const constructs = useConstructs();
const KEY = 'arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-4333-8444-555555555555';

function template(stack = 'Buckets'): Template {
  return constructs('buckets').template(stack);
}

function grants(path: string, stack = 'Buckets'): string[] {
  return grantsOf(template(stack), path, stack).filter((grant) => /^(s3|kms):/.test(grant));
}

const TAGGING = [
  's3:GetObjectTagging',
  's3:GetObjectVersionTagging',
  's3:PutObjectTagging',
  's3:PutObjectVersionTagging',
];
const S3 = 'arn:<AWS::Partition>:s3:::';
const WATCHED = ['<TaggingImagesBucket>/in/*.jpg', `${S3}their-photos/a/*`, `${S3}their-scans/b/*.png`];
const NAMES = ['<TaggingImagesBucket>', `${S3}their-photos`, `${S3}their-scans`];

const onEach = (actions: readonly string[], resources: readonly string[]) =>
  actions.flatMap((action) => resources.map((resource) => `${action} on ${resource}`));

test('what tags may read and tag the watched objects only, list each bucket, and decrypt with the key of one', () => {
  const common = [...onEach(TAGGING, WATCHED), ...onEach(['s3:ListBucket'], NAMES)];
  const reading = [...common, ...onEach(['s3:GetObject', 's3:GetObjectVersion'], WATCHED), `kms:Decrypt on ${KEY}`];
  const thumbnails = 's3:DeleteObject on <TaggingServiceBucket>/thumbnails/*';

  expect(grants('Tagging/Tagging/TagUpload')).toEqual([...reading, thumbnails].sort());
  expect(grants('Tagging/DeadLetters')).toEqual([...common, thumbnails].sort());
  expect(grants('Heavy/Task').filter((grant) => !grant.includes('cdk-hnb659fds'))).toEqual(
    [...reading, thumbnails, 's3:GetObject on <TaggingServiceBucket>/jobs/*'].sort(),
  );
});

test('the API reads and signs uploads to the watched objects of each bucket, also with its key', () => {
  const onWatched = onEach(['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject'], WATCHED);
  const onKey = [`kms:Decrypt on ${KEY}`, `kms:GenerateDataKey on ${KEY}`];

  expect(grants('Api/Function').filter((grant) => !grant.includes('<TaggingServiceBucket>'))).toEqual(
    [...onWatched, ...onEach(['s3:ListBucket'], NAMES), ...onKey].sort(),
  );
  expect(grants('Api/Function', 'Encrypted')).toEqual(expect.arrayContaining(onKey));
});

test('a backfill may tag the watched objects of each bucket, and list it', () => {
  const notOurs = (path: string) => grants(path).filter((grant) => !grant.includes('<TaggingServiceBucket>'));

  expect(notOurs('Backfill/Function')).toEqual(
    [
      ...onEach([...TAGGING, 's3:GetObject'], WATCHED),
      ...onEach(['s3:ListBucket'], NAMES),
      `kms:Decrypt on ${KEY}`,
    ].sort(),
  );
  expect(notOurs('Backfill/Role')).toEqual(onEach(['s3:ListBucket'], NAMES).sort());
});

test('the API and the backfill know what is watched, in the order in which it was given', () => {
  for (const path of ['Api/Function', 'Backfill/Function']) {
    const { Environment } = onlyResource(template(), 'AWS::Lambda::Function', path, 'Buckets');
    const { AUTOSWIFTNET_WATCHED } = (Environment as { Variables: Record<string, unknown> }).Variables;

    expect(JSON.stringify(AUTOSWIFTNET_WATCHED).replaceAll('\\', '')).toMatch(
      /ImagesBucket.*"prefix":"in\/","suffix":"\.jpg".*their-photos","prefix":"a\/","suffix":"".*their-scans","prefix":"b\/"/,
    );
  }
});

test('a created bucket notifies about the watched objects only', () => {
  const [bucket] = resourcesOf(template(), 'AWS::S3::Bucket', 'Tagging/Images', 'Buckets');
  const filter = {
    S3Key: {
      Rules: [
        { Name: 'prefix', Value: 'in/' },
        { Name: 'suffix', Value: '.jpg' },
      ],
    },
  };

  expect(bucket?.Properties['NotificationConfiguration']).toMatchObject({
    QueueConfigurations: [{ Filter: filter }, { Filter: filter }, { Filter: filter }],
  });
});

test('an existing bucket gets notifications beside its own, or nothing where EventBridge has its events', () => {
  const notified = onlyResource(template(), 'Custom::S3BucketNotifications', '', 'Buckets');

  expect(notified).toMatchObject({
    BucketName: 'their-photos',
    Managed: false,
    NotificationConfiguration: {
      QueueConfigurations: [
        { Events: ['s3:ObjectCreated:*'], Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: 'a/' }] } } },
        { Events: ['s3:ObjectRemoved:*'] },
        { Events: ['s3:LifecycleExpiration:*'] },
      ],
    },
  });
});

test('a rule sends the events of EventBridge to the uploads queue, and what it cannot deliver is parked', () => {
  const rule = onlyResource(template(), 'AWS::Events::Rule', 'Tagging/EventsOf', 'Buckets');

  expect(rule).toMatchObject({
    EventPattern: {
      source: ['aws.s3'],
      'detail-type': ['Object Created', 'Object Deleted'],
      detail: { bucket: { name: ['their-scans'] }, object: { key: [{ wildcard: 'b/*.png' }] } },
    },
    Targets: [{ DeadLetterConfig: { Arn: { 'Fn::GetAtt': [expect.stringContaining('UploadsParked'), 'Arn'] } } }],
  });
});

test('a created bucket can send its events to EventBridge, and then notifies no queue', () => {
  const { NotificationConfiguration } = onlyResource(
    template('OwnByEventBridge'),
    'AWS::S3::Bucket',
    'Tagging/Images',
    'OwnByEventBridge',
  );
  const rule = onlyResource(template('OwnByEventBridge'), 'AWS::Events::Rule', '', 'OwnByEventBridge');

  expect(NotificationConfiguration).toEqual({ EventBridgeConfiguration: { EventBridgeEnabled: true } });
  expect(rule['EventPattern']).toMatchObject({
    detail: { bucket: { name: [{ Ref: expect.stringContaining('ImagesBucket') }] } },
  });
});

test('whoever may read the results may read the table and its indexes, and nothing else', () => {
  expect(grantsOf(template(), 'Reader', 'Buckets')).toEqual(
    onEach(
      ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query'],
      ['<TaggingRecordsTable>', '<TaggingRecordsTable>/index/byLabel', '<TaggingRecordsTable>/index/byLastModified'],
    ),
  );
});

test('the rule packs find no fault', () => {
  expect(constructs('buckets').findings).toEqual([]);
});
