import { resourcesOf, type Template } from '../assemblies.ts';
import { useConstructs } from '../construct-assemblies.ts';

const constructs = useConstructs();

function template(): Template {
  return constructs('brought').template('Brought');
}

test('what is brought is not created', () => {
  const types = Object.values(template().Resources).map(({ Type }) => Type);

  for (const type of [
    'AWS::DynamoDB::Table',
    'AWS::SNS::Topic',
    'AWS::EC2::VPC',
    'AWS::CertificateManager::Certificate',
  ])
    expect(types).not.toContain(type);
});

test('the functions use the table and the topic', () => {
  const [found] = resourcesOf(template(), 'AWS::Lambda::Function', 'Tagging/Tagging', 'Brought');

  expect(found?.Properties['Environment']).toMatchObject({
    Variables: {
      AUTOSWIFTNET_TABLE: 'their-records',
      AUTOSWIFTNET_RESULTS_TOPIC_ARN: 'arn:aws:sns:eu-west-1:123456789012:their-results',
    },
  });
});

test('the machines are in the given network, in its private subnets', () => {
  const [provider] = resourcesOf(template(), 'AWS::ECS::CapacityProvider', 'Heavy', 'Brought');

  expect(provider?.Properties).toMatchObject({
    ManagedInstancesProvider: {
      InstanceLaunchTemplate: {
        NetworkConfiguration: { Subnets: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'] },
      },
    },
  });
});

test('every log is kept as long as was chosen', () => {
  const logs = resourcesOf(template(), 'AWS::Logs::LogGroup', '', 'Brought');

  expect(logs.length).toBeGreaterThan(5);
  expect(new Set(logs.map(({ Properties }) => Properties['RetentionInDays']))).toEqual(new Set([7]));
});

test('the rule packs find no fault', () => {
  expect(constructs('brought').findings).toEqual([]);
});
