import { resourcesOf, type Template, useAssemblies } from './assemblies.ts';
import { grantsOf } from './granted-actions.ts';

const assembly = useAssemblies();

/** The names of the buckets that the stack empties before they are deleted. */
function emptiedBuckets(template: Template): unknown[] {
  return resourcesOf(template, 'Custom::S3AutoDeleteObjects').map(({ Properties }) => Properties['BucketName']);
}

function bucketIds({ Resources }: Template): string[] {
  return Object.keys(Resources).filter((id) => Resources[id]?.Type === 'AWS::S3::Bucket');
}

test('the bucket, its policy and the table stay, unless the first deployment fails', () => {
  const kept = ['AWS::S3::Bucket', 'AWS::S3::BucketPolicy'].flatMap((type) =>
    resourcesOf(assembly().template, type, 'Images'),
  );
  kept.push(...resourcesOf(assembly().template, 'AWS::DynamoDB::Table'));

  expect(kept.map(({ DeletionPolicy, UpdateReplacePolicy }) => [DeletionPolicy, UpdateReplacePolicy])).toEqual(
    Array(3).fill(['RetainExceptOnCreate', 'Retain']),
  );
  expect(emptiedBuckets(assembly().template)).toEqual([]);
});

test('CloudFormation never tries to delete a protected table, not even to roll a first deployment back', () => {
  const [table] = resourcesOf(assembly('chosen').template, 'AWS::DynamoDB::Table');

  expect(table).toMatchObject({
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: { DeletionProtectionEnabled: true },
  });
});

test('with keepData=false all buckets and the table go, and every version of every object before them', () => {
  const { template } = assembly('pageOnDomain');

  expect(bucketIds(template)).toHaveLength(3);
  expect(emptiedBuckets(template)).toEqual(expect.arrayContaining(bucketIds(template).map((Ref) => ({ Ref }))));
  const stored = [...resourcesOf(template, 'AWS::S3::Bucket'), ...resourcesOf(template, 'AWS::DynamoDB::Table')];
  expect(stored.map(({ DeletionPolicy }) => DeletionPolicy)).toEqual(Array(4).fill('Delete'));
  // Without this tag, the handler of the CDK leaves a bucket alone.
  for (const { Properties } of resourcesOf(template, 'AWS::S3::Bucket')) {
    expect(Properties['Tags']).toContainEqual({ Key: 'aws-cdk:auto-delete-objects', Value: 'true' });
  }
  // The policies of the buckets let the handler list versions and delete them.
  for (const { Properties } of resourcesOf(template, 'AWS::S3::BucketPolicy')) {
    expect(JSON.stringify(Properties)).toMatch(/"s3:DeleteObject\*","s3:GetBucket\*","s3:List\*"/);
  }
});

describe('a bucket and a table that an earlier stack left', () => {
  test('are used and never deleted or emptied', () => {
    const { template } = assembly('keptData');
    const types = Object.values(template.Resources).map(({ Type }) => Type);

    expect(types).not.toContain('AWS::DynamoDB::Table');
    expect(resourcesOf(template, 'AWS::S3::Bucket', 'Images')).toEqual([]);
    expect(emptiedBuckets(template)).toEqual([{ Ref: expect.stringMatching(/^ServiceBucket/) }]);
  });

  test('are what the functions and the worker read, write and may use', () => {
    const { template } = assembly('keptData');
    const users = ['AWS::Lambda::Function', 'AWS::ECS::TaskDefinition'].flatMap((type) => resourcesOf(template, type));
    const variables = JSON.stringify(users);

    expect(variables).toContain('"AUTOSWIFTNET_TABLE":"kept-records"');
    expect(variables).toContain('"Name":"AUTOSWIFTNET_TABLE","Value":"kept-records"');
    expect(variables).not.toMatch(/"AUTOSWIFTNET_(TABLE|BUCKET)"(:|,"Value":)\{/);
    const onTable = grantsOf(template, '').filter((grant) => grant.startsWith('dynamodb:'));
    expect(onTable.length).toBeGreaterThan(0);
    for (const grant of onTable) expect(grant).toMatch(/:table\/kept-records(\/index\/(byLabel|byLastModified))?$/);
  });
});
