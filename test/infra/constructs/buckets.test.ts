import { onlyResource, resourcesOf, type Template } from '../assemblies.ts';
import { useConstructs } from '../construct-assemblies.ts';
import { grantsOf } from '../granted-actions.ts';

const constructs = useConstructs();

function template(stack = 'Buckets'): Template {
  return constructs('buckets').template(stack);
}

const onEach = (actions: readonly string[], resources: readonly string[]) =>
  actions.flatMap((action) => resources.map((resource) => `${action} on ${resource}`));

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
