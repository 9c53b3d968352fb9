import { resourcesOf, type Template, useAssemblies } from './assemblies.ts';
import { CONTEXTS, type ContextName } from './configurations.ts';

const assembly = useAssemblies();

/** Properties whose values are names that an account has only once, in all its regions together. */
const GLOBAL_NAMES: Readonly<Record<string, readonly string[]>> = {
  'AWS::IAM::Role': ['RoleName'],
  'AWS::IAM::InstanceProfile': ['InstanceProfileName'],
  'AWS::IAM::ManagedPolicy': ['ManagedPolicyName'],
  'AWS::S3::Bucket': ['BucketName'],
  'AWS::CloudFront::ResponseHeadersPolicy': ['ResponseHeadersPolicyConfig', 'Name'],
  'AWS::CloudFront::OriginAccessControl': ['OriginAccessControlConfig', 'Name'],
  'AWS::CloudFront::CachePolicy': ['CachePolicyConfig', 'Name'],
  'AWS::CloudFront::OriginRequestPolicy': ['OriginRequestPolicyConfig', 'Name'],
  'AWS::CloudFront::Function': ['Name'],
  'AWS::CloudWatch::Dashboard': ['DashboardName'],
};
const ACCESS_CONTROL_LIMIT = 64;
const LONGEST_REGION = 'ap-southeast-1';

function globalNames(template: Template): { readonly type: string; readonly name: unknown }[] {
  return Object.entries(GLOBAL_NAMES).flatMap(([type, path]) =>
    resourcesOf(template, type)
      .map(({ Properties }) => path.reduce<unknown>((value, key) => Object(value)[key], Properties))
      .filter((name) => name !== undefined)
      .map((name) => ({ type, name })),
  );
}

/** Writes a name as CloudFormation would in one region. */
function inRegion(name: unknown): string {
  if (typeof name === 'string') return name;
  const [separator, parts] = (name as { 'Fn::Join': [string, unknown[]] })['Fn::Join'];
  return parts.map((part) => (typeof part === 'string' ? part : LONGEST_REGION)).join(separator);
}

test.each(Object.keys(CONTEXTS) as ContextName[])(
  'names that are global in an account end with the region, in the configuration %s',
  (name) => {
    for (const { type, name: value } of globalNames(assembly(name).template)) {
      expect({ type, value: JSON.stringify(value) }).toEqual({
        type,
        value: expect.stringMatching(/-",\{"Ref":"AWS::Region"\}\]\]\}$/),
      });
      expect(inRegion(value).length).toBeLessThanOrEqual(ACCESS_CONTROL_LIMIT);
    }
  },
);

test("the machines' role and profile are named as ECS may pass them, and the page has two names", () => {
  const names = globalNames(assembly().template).map(({ name }) => inRegion(name));

  expect(names).toEqual([expect.stringMatching(/^ecsInstanceRole.+/), expect.stringMatching(/^ecsInstanceRole.+/)]);
  expect(globalNames(assembly('page').template)).toHaveLength(2);
});

test('every function and the worker know the name of the stack', () => {
  const functions = resourcesOf(assembly().template, 'AWS::Lambda::Function').map(({ Properties }) =>
    JSON.stringify(Properties['Environment']),
  );
  const measured = functions.filter((variables) => variables?.includes('AUTOSWIFTNET_TABLE'));

  expect(measured).toHaveLength(5);
  for (const variables of measured) expect(variables).toContain('"AUTOSWIFTNET_STACK":"AutoSwiftNet"');
  expect(JSON.stringify(resourcesOf(assembly().template, 'AWS::ECS::TaskDefinition'))).toContain(
    '{"Name":"AUTOSWIFTNET_STACK","Value":"AutoSwiftNet"}',
  );
});
