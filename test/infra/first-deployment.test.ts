import { SERVICE_LINKED_ROLES } from '../../functions/service-linked-roles.ts';
import { readConfiguration } from '../../infra/configuration/configuration.ts';
import { onlyResource, resourcesOf, useAssemblies } from './assemblies.ts';
import { CONTEXTS, type ContextName } from './configurations.ts';

const assembly = useAssemblies();

/** What a new account may run at a time (infra/configuration/configuration.ts). */
const NEW_ACCOUNT_CONCURRENCY = 10;

/** Resources that need a service-linked role, by the name of the role. */
const WHO_NEEDS: Readonly<Record<string, (type: string, properties: string) => boolean>> = {
  AWSServiceRoleForECS: (type) => type === 'AWS::ECS::Cluster',
  AWSServiceRoleForECSCompute: (type) => type === 'AWS::ECS::CapacityProvider',
  AWSServiceRoleForApplicationAutoScaling_ECSService: (type) => type === 'AWS::ApplicationAutoScaling::ScalableTarget',
  AWSServiceRoleForEC2Spot: (type, properties) =>
    type === 'AWS::ECS::CapacityProvider' && properties.includes('"CapacityOptionType":"SPOT"'),
  AWSServiceRoleForAPIGateway: (type) => type === 'AWS::ApiGatewayV2::DomainName',
};

describe.each(Object.keys(CONTEXTS) as ContextName[])('in the configuration %s', (name) => {
  const configuration = readConfiguration(CONTEXTS[name]);
  const template = () => assembly(name).template;

  test('the list of service-linked roles names exactly those that the resources need', () => {
    const resources = Object.values(template().Resources);

    const listed = SERVICE_LINKED_ROLES.filter(({ neededFor }) => configuration[neededFor]).map((role) => role.name);
    const needed = Object.entries(WHO_NEEDS).filter(([, needs]) =>
      resources.some(({ Type, Properties }) => needs(Type, JSON.stringify(Properties))),
    );
    expect(listed.sort()).toEqual(needed.map(([role]) => role).sort());
  });

  test('nothing but a protected table is left behind by a first deployment that fails', () => {
    const left = Object.values(template().Resources).filter(({ DeletionPolicy }) => DeletionPolicy === 'Retain');

    expect(left.map(({ Type }) => Type)).toEqual(configuration.protect ? ['AWS::DynamoDB::Table'] : []);
  });

  test('an output names the flag that leaves out the GPU, if there is one', () => {
    expect(template().Outputs['WithoutGpu']?.Value).toBe(configuration.gpu ? 'npx cdk deploy -c gpu=false' : undefined);
  });
});

test('the role that scales the tasks is the listed one', () => {
  const target = JSON.stringify(onlyResource(assembly().template, 'AWS::ApplicationAutoScaling::ScalableTarget'));
  const role = SERVICE_LINKED_ROLES.find(({ service }) => service.startsWith('ecs.application-autoscaling'));

  expect(target).toContain(`role/aws-service-role/${role?.service}/${role?.name}`);
});

test('the image bucket and the table stay when the stack is deleted or replaces them', () => {
  const kept = ['AWS::S3::Bucket', 'AWS::DynamoDB::Table'].flatMap((type) =>
    resourcesOf(assembly().template, type).filter(({ Metadata }) =>
      /Images|Records/.test(Metadata?.['aws:cdk:path'] ?? ''),
    ),
  );

  expect(kept.map(({ DeletionPolicy, UpdateReplacePolicy }) => [DeletionPolicy, UpdateReplacePolicy])).toEqual([
    ['RetainExceptOnCreate', 'Retain'],
    ['RetainExceptOnCreate', 'Retain'],
  ]);
});

test('in a new account, functions are left for the API while uploads and dead letters are handled', () => {
  const mostOf = (path: string) => {
    const { ScalingConfig } = onlyResource(assembly().template, 'AWS::Lambda::EventSourceMapping', path);
    return (ScalingConfig as { MaximumConcurrency: number }).MaximumConcurrency;
  };
  const functions = resourcesOf(assembly().template, 'AWS::Lambda::Function');

  expect(NEW_ACCOUNT_CONCURRENCY - mostOf('Tagging')).toBe(6);
  // Each call for a dead letter waits for one of the tagging function.
  expect(NEW_ACCOUNT_CONCURRENCY - mostOf('Tagging') - 2 * mostOf('DeadLetters')).toBe(2);
  expect(functions.filter(({ Properties }) => 'ReservedConcurrentExecutions' in Properties)).toEqual([]);
});
