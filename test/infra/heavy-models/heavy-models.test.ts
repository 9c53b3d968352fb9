import { gpuWorkerEnvironmentSchema } from '../../../functions/gpu-worker/settings.ts';
import { onlyResource, resourcesOf, type Template, useAssemblies } from '../assemblies.ts';
import type { ContextName } from '../configurations.ts';

const assembly = useAssemblies();

function template(name: ContextName = 'default'): Template {
  return assembly(name).template;
}

function worker(of: Template) {
  const { ContainerDefinitions } = onlyResource(of, 'AWS::ECS::TaskDefinition');
  const [container] = ContainerDefinitions as { Environment: { Name: string; Value: unknown }[] }[];
  const { Environment = [], ...properties } = container ?? {};
  return { properties, variables: Object.fromEntries(Environment.map(({ Name, Value }) => [Name, Value])) };
}

test('a task has one GPU, the host network and two minutes to stop', () => {
  expect(onlyResource(template(), 'AWS::ECS::TaskDefinition')).toMatchObject({
    NetworkMode: 'host',
    RequiresCompatibilities: ['MANAGED_INSTANCES'],
  });
  expect(worker(template()).properties).toMatchObject({
    ResourceRequirements: [{ Type: 'GPU', Value: '1' }],
    StopTimeout: 120,
  });
});

test('the service runs on managed machines, without the network configuration that host mode refuses', () => {
  const service = onlyResource(template(), 'AWS::ECS::Service');

  expect(service).toMatchObject({
    CapacityProviderStrategy: [{ CapacityProvider: { Ref: expect.stringMatching(/^HeavyMachines/) }, Weight: 1 }],
  });
  expect(service).not.toHaveProperty('NetworkConfiguration');
  expect(service).not.toHaveProperty('LaunchType');
});

test('a deployment leaves the number of tasks as it is: the count is read again before each update of the service', () => {
  const { DesiredCount, ServiceName, TaskDefinition, CapacityProviderStrategy } = onlyResource(
    template(),
    'AWS::ECS::Service',
  );
  const counter = onlyResource(template(), 'AWS::CloudFormation::CustomResource', 'Heavy/TaskCount');
  const [{ CapacityProvider }] = CapacityProviderStrategy as [{ CapacityProvider: unknown }];

  expect(DesiredCount).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^HeavyTaskCount/), 'Count'] });
  // CloudFormation asks only when one of the properties has changed.
  expect(counter).toMatchObject({ ServiceName, TaskDefinition, CapacityProvider, ServiceTimeout: 300 });
  expect(counter['Deployment']).toContain('"maxHealthyPercent":100');
});

test('on demand and Spot have machines and a service of their own, because ECS cannot turn one into the other', () => {
  const idsOf = (name: ContextName, type: string) =>
    Object.entries(template(name).Resources)
      .filter(([, resource]) => resource.Type === type)
      .map(([id]) => id);

  for (const type of ['AWS::ECS::CapacityProvider', 'AWS::ECS::Service', 'AWS::IAM::InstanceProfile']) {
    const [onDemand, spot] = [idsOf('default', type), idsOf('chosen', type)];
    expect([onDemand.length, spot.length]).toEqual([1, 1]);
    expect(onDemand).not.toEqual(spot);
  }
  // A service that is replaced exists twice for a while, in one cluster.
  const nameOf = (name: ContextName) => onlyResource(template(name), 'AWS::ECS::Service')['ServiceName'];
  expect([nameOf('default'), nameOf('chosen')]).toEqual(['heavy', 'heavy-spot']);
});

test('the GPU hours of a day are counted every five minutes, by a function that knows the service and the limit', () => {
  const { ScheduleExpression, Targets } = onlyResource(template(), 'AWS::Events::Rule', 'Heavy/Limit');
  const [{ Arn }] = Targets as [{ Arn: unknown }];
  const hoursOf = (name: ContextName) => {
    const { Environment } = onlyResource(template(name), 'AWS::Lambda::Function', 'Heavy/Limit');
    return (Environment as { Variables: Record<string, unknown> }).Variables;
  };

  expect(ScheduleExpression).toBe('rate(5 minutes)');
  expect(onlyResource(template(), 'AWS::Lambda::Permission', 'Heavy/Limit')).toMatchObject({ FunctionName: Arn });
  expect(hoursOf('default')).toMatchObject({
    AUTOSWIFTNET_GPU_CLUSTER: { Ref: expect.stringMatching(/^HeavyCluster/) },
    AUTOSWIFTNET_GPU_SERVICE: { 'Fn::GetAtt': [expect.stringMatching(/^HeavyService/), 'Name'] },
    AUTOSWIFTNET_GPU_HOURS_PER_DAY: '8',
  });
  expect(hoursOf('chosen')).toMatchObject({ AUTOSWIFTNET_GPU_HOURS_PER_DAY: '3' });
});

test('machines are on-demand instances of several NVIDIA GPU families, unless configured otherwise', () => {
  expect(onlyResource(template(), 'AWS::ECS::CapacityProvider')).toMatchObject({
    ManagedInstancesProvider: {
      InstanceLaunchTemplate: {
        CapacityOptionType: 'ON_DEMAND',
        InstanceRequirements: {
          AllowedInstanceTypes: ['g4dn.xlarge', 'g5.xlarge', 'g6.xlarge'],
          AcceleratorManufacturers: ['nvidia'],
        },
      },
    },
  });
  expect(onlyResource(template('chosen'), 'AWS::ECS::CapacityProvider')).toMatchObject({
    ManagedInstancesProvider: {
      InstanceLaunchTemplate: {
        CapacityOptionType: 'SPOT',
        InstanceRequirements: { AllowedInstanceTypes: ['g6.2xlarge'] },
      },
    },
  });
});

test('nothing costs money while no machine runs: public subnets, free gateway endpoints, no NAT, no interface endpoint, no inbound traffic', () => {
  const types = Object.values(template().Resources).map(({ Type }) => Type);
  const endpoints = resourcesOf(template(), 'AWS::EC2::VPCEndpoint').map(
    ({ Properties }) => Properties['VpcEndpointType'],
  );

  expect(types).not.toContain('AWS::EC2::NatGateway');
  expect(endpoints).toEqual(['Gateway', 'Gateway']);
  for (const { Properties } of resourcesOf(template(), 'AWS::EC2::SecurityGroup')) {
    expect(Properties).not.toHaveProperty('SecurityGroupIngress');
  }
  expect(types).not.toContain('AWS::EC2::SecurityGroupIngress');
});

test('machines may start in three zones, where the region has them, and endpoints are in two of them', () => {
  const zone = (index: number) => ({ 'Fn::Select': [index, { 'Fn::GetAZs': '' }] });
  const zonesOf = (name: ContextName) =>
    resourcesOf(template(name), 'AWS::EC2::Subnet').map(({ Properties }) => Properties['AvailabilityZone']);
  const third = { 'Fn::If': [expect.stringMatching(/TwoZones/), zone(1), zone(2)] };

  expect(zonesOf('default')).toEqual([zone(0), zone(1), third]);
  expect(zonesOf('chosen')).toEqual([zone(0), zone(1), third]);
  expect(Object.values(template().Conditions ?? {})).toContainEqual({
    'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-west-1'],
  });
  expect(onlyResource(template(), 'AWS::ECS::CapacityProvider')['ManagedInstancesProvider']).toMatchObject({
    InstanceLaunchTemplate: { NetworkConfiguration: { Subnets: [{}, {}, {}] } },
  });
  for (const { Properties } of resourcesOf(template('chosen'), 'AWS::EC2::VPCEndpoint')) {
    if (Properties['VpcEndpointType'] === 'Interface') expect(Properties['SubnetIds']).toHaveLength(2);
  }
});

test('the private network has no internet access, and an endpoint for each service that is called', () => {
  const types = Object.values(template('chosen').Resources).map(({ Type }) => Type);
  const interfaces = resourcesOf(template('chosen'), 'AWS::EC2::VPCEndpoint').filter(
    ({ Properties }) => Properties['VpcEndpointType'] === 'Interface',
  );

  expect(types).not.toContain('AWS::EC2::InternetGateway');
  expect(types).not.toContain('AWS::EC2::NatGateway');
  expect(JSON.stringify(interfaces)).toMatch(/\.sqs.*|\.sns.*/);
  for (const service of ['ecr.api', 'ecr.dkr', 'ecs', 'ecs-agent', 'ecs-telemetry', 'logs', 'sqs', 'sns']) {
    expect(
      interfaces.filter(({ Properties }) => JSON.stringify(Properties['ServiceName']).endsWith(`.${service}"]]}`)),
    ).toHaveLength(1);
  }
});

test('the number of tasks follows the waiting and running messages, from zero and back to zero', () => {
  const [out, toZero] = ['ByMessages', 'ToZero'].map((name) =>
    onlyResource(template(), 'AWS::ApplicationAutoScaling::ScalingPolicy', `Heavy/Scaling/${name}`),
  );
  const alarm = onlyResource(template(), 'AWS::CloudWatch::Alarm', 'Heavy/Scaling/Out');

  expect(onlyResource(template(), 'AWS::ApplicationAutoScaling::ScalableTarget')).toMatchObject({
    MinCapacity: 0,
    MaxCapacity: 2,
  });
  expect(out?.['StepScalingPolicyConfiguration']).toMatchObject({
    AdjustmentType: 'ExactCapacity',
    StepAdjustments: [
      { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 100, ScalingAdjustment: 1 },
      { MetricIntervalLowerBound: 100, ScalingAdjustment: 2 },
    ],
  });
  expect(toZero?.['StepScalingPolicyConfiguration']).toMatchObject({
    StepAdjustments: [{ MetricIntervalUpperBound: 0, ScalingAdjustment: 0 }],
  });
  expect(alarm).toMatchObject({ Threshold: 1, ComparisonOperator: 'GreaterThanOrEqualToThreshold' });
  expect(JSON.stringify(alarm)).toContain('ApproximateNumberOfMessagesNotVisible');
  expect(JSON.stringify(alarm)).toContain('ApproximateNumberOfMessagesVisible');
});

test('the heavy queue is called every four hours, because SQS reports no metrics of a queue after six hours without a call', () => {
  const { ScheduleExpression, State, Targets } = onlyResource(template(), 'AWS::Events::Rule', 'Heavy/Waking');
  const permission = onlyResource(template(), 'AWS::Lambda::Permission', 'Heavy/Waking');

  expect([ScheduleExpression, State]).toEqual(['rate(4 hours)', 'ENABLED']);
  const [{ Arn }] = Targets as [{ Arn: unknown }];
  expect(permission).toMatchObject({ FunctionName: Arn, Principal: 'events.amazonaws.com' });
  expect(onlyResource(template(), 'AWS::Lambda::Function', 'Heavy/Waking')).toMatchObject({
    MemorySize: 128,
    Environment: { Variables: { AUTOSWIFTNET_HEAVY_QUEUE_URL: { Ref: expect.stringMatching(/^HeavyQueue/) } } },
  });
  expect(resourcesOf(template('withoutGpu'), 'AWS::Events::Rule')).toEqual([]);
});

test('a machine without a task is stopped after five minutes', () => {
  expect(onlyResource(template(), 'AWS::ECS::CapacityProvider')).toMatchObject({
    ManagedInstancesProvider: { InfrastructureOptimization: { ScaleInAfter: 300 } },
  });
});

test('the worker gets the locations and hashes of its packages in the variables that it reads', () => {
  const { variables } = worker(template());

  const unknown = Object.keys(variables).filter((name) => !(name in gpuWorkerEnvironmentSchema.shape));
  expect(unknown).toEqual(['AWS_REGION']);
  expect(variables).toMatchObject({
    AUTOSWIFTNET_HEAVY_MODEL: 'sample',
    AUTOSWIFTNET_STOP_SECONDS: '110',
  });
  const packages = JSON.stringify(variables['AUTOSWIFTNET_HEAVY_PACKAGES']);
  expect(packages).toMatch(/s3:\/\/cdk-hnb659fds-assets-.*\.onnx/);
  expect(packages).toContain('3'.repeat(64));
});

test('the worker computes on the GPU alone, unless the CPU is allowed', () => {
  expect(worker(template()).variables['AUTOSWIFTNET_PROVIDERS']).toBe('cuda');
  expect(worker(template('chosen')).variables['AUTOSWIFTNET_PROVIDERS']).toBe('cuda,cpu');
});

test('the image is built at deployment, or pulled from the configured repository', () => {
  expect(JSON.stringify(worker(template()).properties)).toContain('cdk-hnb659fds-container-assets');
  const named = JSON.stringify(worker(template('chosen')).properties);
  expect(named).toContain('123456789012.dkr.ecr.eu-west-1.');
  expect(named).toContain('/my/worker:1.0');
});
