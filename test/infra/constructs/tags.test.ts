import { onlyResource } from '../assemblies.ts';
import { useConstructs } from '../construct-assemblies.ts';

const constructs = useConstructs();

const NO_TAGS = 'CloudFormation knows no tags of it.';
/** What has no tag, by type, or by type and the begin of the logical id, and why. */
const WITHOUT_TAGS: Readonly<Record<string, string>> = {
  'AWS::ApiGatewayV2::Authorizer': NO_TAGS,
  'AWS::ApiGatewayV2::Integration': NO_TAGS,
  'AWS::ApiGatewayV2::Route': NO_TAGS,
  'AWS::ApplicationAutoScaling::ScalingPolicy': NO_TAGS,
  'AWS::CloudFormation::CustomResource': NO_TAGS,
  'AWS::CloudFront::OriginAccessControl': NO_TAGS,
  'AWS::CloudFront::ResponseHeadersPolicy': NO_TAGS,
  'AWS::EC2::Route': NO_TAGS,
  'AWS::EC2::SubnetRouteTableAssociation': NO_TAGS,
  'AWS::EC2::VPCGatewayAttachment': NO_TAGS,
  'AWS::IAM::InstanceProfile': NO_TAGS,
  'AWS::IAM::Policy': NO_TAGS,
  'AWS::Lambda::Alias': NO_TAGS,
  'AWS::Lambda::LayerVersion': NO_TAGS,
  'AWS::Lambda::Permission': NO_TAGS,
  'AWS::Lambda::Version': NO_TAGS,
  'AWS::S3::BucketPolicy': NO_TAGS,
  'AWS::SNS::TopicPolicy': NO_TAGS,
  'AWS::SQS::QueuePolicy': NO_TAGS,
  'Custom::CDKBucketDeployment': NO_TAGS,
  'Custom::S3AutoDeleteObjects': NO_TAGS,
  'AWS::IAM::Role CustomS3AutoDeleteObjects': 'The CDK writes it without tags. It costs nothing.',
  'AWS::Lambda::Function CustomS3AutoDeleteObjects': 'The CDK writes it without tags. It runs once, at the end.',
};
/** Tags are a list in most types, and an object in some. */
function isTagged(properties: Readonly<Record<string, unknown>>): boolean {
  const { Tags, ResourceTags } = properties;
  const given = Tags ?? ResourceTags ?? {};
  const tags = Array.isArray(given)
    ? given.map(({ Key, Value }: { Key: string; Value: string }) => [Key, Value])
    : Object.entries(given as object);
  return tags.some(([key, value]) => key === 'project' && value === 'photos');
}

test('everything that can have tags has those of its stack', () => {
  const { Resources } = constructs('keys').template('OneKey');
  const untagged = Object.entries(Resources).filter(([, { Properties = {} }]) => !isTagged(Properties));
  const reasons = untagged.map(([id, { Type }]) => {
    const name = `${Type} ${id}`;
    const reason = Object.keys(WITHOUT_TAGS).find((one) => one === Type || (one.includes(' ') && name.startsWith(one)));
    return reason ?? name;
  });

  expect([...new Set(reasons)].sort()).toEqual(Object.keys(WITHOUT_TAGS).sort());
  expect(Object.keys(Resources).length - untagged.length).toBeGreaterThan(80);
});

test('what ECS starts has the tags, too: tasks those of their service, machines those of their provider', () => {
  const template = constructs('keys').template('OneKey');

  expect(onlyResource(template, 'AWS::ECS::Service', '', 'OneKey')).toMatchObject({ PropagateTags: 'SERVICE' });
  expect(onlyResource(template, 'AWS::ECS::CapacityProvider', '', 'OneKey')).toMatchObject({
    ManagedInstancesProvider: { PropagateTags: 'CAPACITY_PROVIDER' },
  });
});

test('a change of the tags is a change of the service, before which its tasks are counted again', () => {
  const counted = onlyResource(
    constructs('keys').template('OneKey'),
    'AWS::CloudFormation::CustomResource',
    'Heavy/TaskCount',
    'OneKey',
  );
  const without = onlyResource(
    constructs('keys').template('ManyKeys'),
    'AWS::CloudFormation::CustomResource',
    'Heavy/TaskCount',
    'ManyKeys',
  );

  expect(counted).toMatchObject({ ServiceTags: [{ key: 'project', value: 'photos' }] });
  expect(without).not.toHaveProperty('ServiceTags');
});
