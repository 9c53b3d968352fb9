import { useConstructs } from '../construct-assemblies.ts';

const constructs = useConstructs();

const STACKS = ['Ireland', 'IrelandToo', 'Ohio'] as const;
const REGIONS = { Ireland: 'eu-west-1', IrelandToo: 'eu-west-1', Ohio: 'us-east-2' } as const;

/** Names that AWS compares in the whole account, whatever the region. */
const GLOBAL = /^(AWS::IAM|AWS::CloudFront)/;
/** These name a thing inside of another one: a service in its cluster, a policy in its role. */
const INSIDE = new Set([
  'AWS::IAM::Policy',
  'AWS::ApiGatewayV2::Authorizer',
  'AWS::ECS::Service',
  'AWS::Lambda::Alias',
  'AWS::ApiGatewayV2::Stage',
  'AWS::EC2::Subnet',
]);
/** A name may be shared: API Gateway and Budgets do not compare theirs. */
const NAME = /(Name|^Name)$/;

interface NamedThing {
  readonly type: string;
  readonly name: string;
}

/** The names that a stack chooses itself, with the properties of CloudFront one level deeper. */
function namesOf(stack: (typeof STACKS)[number]): NamedThing[] {
  const { Resources } = constructs('alike').template(stack);
  return Object.values(Resources).flatMap(({ Type, Properties = {} }) => {
    if (INSIDE.has(Type)) return [];
    const deeper = Object.values(Properties).filter((value) => typeof value === 'object' && value !== null);
    const places = Type.startsWith('AWS::CloudFront') ? [Properties, ...deeper] : [Properties];
    const names = places.flatMap((place) => Object.entries(place as object)).filter(([key]) => NAME.test(key));
    const region = GLOBAL.test(Type) ? '' : ` in ${REGIONS[stack]}`;
    return names
      .filter(([key, value]) => isChosen(value) && !OF_OTHERS.has(key))
      .map(([, value]) => ({ type: `${Type}${region}`, name: nameIn(stack, value) }));
  });
}

/** A reference to a resource is no name; a reference to the region is a part of one. */
function isChosen(value: unknown): boolean {
  return typeof value === 'string' || JSON.stringify(value).includes('"AWS::Region"');
}

/** Writes a name as CloudFormation does in the region of the stack. */
function nameIn(stack: (typeof STACKS)[number], value: unknown): string {
  return JSON.stringify(value).replaceAll('{"Ref":"AWS::Region"}', REGIONS[stack]);
}

/** Properties that name something else than the resource itself. */
const OF_OTHERS = new Set(['FunctionName', 'AttributeName', 'MetricName', 'ServiceName', 'HandlerName']);

test('two services in a stack, two stacks, and two regions choose no name twice', () => {
  const all = STACKS.flatMap(namesOf);
  const seen = all.map(({ type, name }) => `${type}: ${name}`);

  const twice = seen.filter((one, index) => seen.indexOf(one) !== index);

  expect(seen.filter((one) => one.includes('ecsInstanceRole'))).toHaveLength(8);
  expect(seen.filter((one) => one.includes('/aws/vendedlogs/apigateway/'))).toHaveLength(8);
  expect(twice).toEqual([]);
});

test('the metrics of two services are told apart, and their alarms look at their own', () => {
  const { Resources } = constructs('alike').template('Ireland');
  const services = Object.entries(Resources)
    .filter(([id, { Type }]) => Type === 'AWS::Lambda::Function' && id.includes('TagUpload'))
    .map(([, { Properties }]) => (Properties['Environment'] as Environment).Variables.AUTOSWIFTNET_STACK);
  const alarms = Object.entries(Resources).filter(
    ([id, { Type }]) => Type === 'AWS::CloudWatch::Alarm' && id.includes('SelfTestFailed'),
  );

  expect(new Set(services).size).toBe(2);
  expect(alarms.map(([, { Properties }]) => JSON.stringify(Properties['Dimensions']))).toEqual(
    services.map((name) => expect.stringContaining(`"${name}"`)),
  );
});

test('the rule packs find no fault, with the feature flags of nobody', () => {
  expect(constructs('alike').findings).toEqual([]);
});

interface Environment {
  readonly Variables: Readonly<Record<string, string>>;
}
