import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onlyResource, type Resource, resourcesOf, synthesizedFolder, type Template } from '../assemblies.ts';
import { useConstructs } from '../construct-assemblies.ts';
import { grantsOf } from '../granted-actions.ts';

const constructs = useConstructs();

function template(stack: string): Template {
  return constructs('keys').template(stack);
}

test.each([
  ['OneKey', '<Key>'],
  ['ManyKeys', 'arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-4333-8444-555555555552'],
])('a role that may read the results of %s may decrypt with the key of its table, and with no other', (stack, key) => {
  const grants = grantsOf(template(stack), 'Reader', stack);

  expect(grants.filter((grant) => grant.startsWith('kms:'))).toEqual([`kms:Decrypt on ${key}`]);
});

/** Where a type of resource has its key, and whether it must have one. */
const KEY_PROPERTIES: Readonly<Record<string, string>> = {
  'AWS::SQS::Queue': 'KmsMasterKeyId',
  'AWS::SNS::Topic': 'KmsMasterKeyId',
  'AWS::Logs::LogGroup': 'KmsKeyId',
  'AWS::DynamoDB::Table': 'SSESpecification',
  'AWS::S3::Bucket': 'BucketEncryption',
};

test('the one key encrypts all that keeps data, and the public files of the page only are without it', () => {
  const encryptable = Object.entries(template('OneKey').Resources).filter(([, { Type }]) => Type in KEY_PROPERTIES);
  const without = encryptable.filter(
    ([, { Type, Properties }]) => !JSON.stringify(Properties[KEY_PROPERTIES[Type] ?? '']).includes('"Key961B73FD"'),
  );

  expect(encryptable.length).toBeGreaterThan(18);
  expect(without.map(([id]) => id)).toEqual([expect.stringMatching(/^PageFiles/)]);
});

interface KeyStatement {
  readonly Action: string | string[];
  readonly Principal: { readonly Service?: unknown };
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

function keyStatements(): KeyStatement[] {
  const { KeyPolicy } = onlyResource(template('OneKey'), 'AWS::KMS::Key', '', 'OneKey');
  return (KeyPolicy as { Statement: KeyStatement[] }).Statement;
}

/** The services of AWS that the policies of queues and topics let in. */
function senders(): string[] {
  const policies = Object.values(template('OneKey').Resources).filter(({ Type }) =>
    /^AWS::S[QN]S::\w+Policy$/.test(Type),
  );
  const statements = policies.flatMap(
    ({ Properties }) => (Properties['PolicyDocument'] as { Statement: KeyStatement[] }).Statement,
  );
  return [...new Set(statements.flatMap(({ Principal }) => [Principal.Service ?? []].flat() as string[]))].sort();
}

test('services of AWS that send to a queue or topic may use its key, for this account where AWS names the account', () => {
  const sending = keyStatements().filter(({ Principal }) => typeof Principal.Service === 'string');
  const thisAccount = { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } };

  expect(sending.map(({ Principal }) => Principal.Service).sort()).toEqual(senders());
  expect(senders()).toEqual([
    'budgets.amazonaws.com',
    'cloudwatch.amazonaws.com',
    'events.amazonaws.com',
    's3.amazonaws.com',
  ]);
  for (const { Action, Principal, Condition } of sending) {
    expect(Action).toEqual(['kms:Decrypt', 'kms:GenerateDataKey']);
    expect(Condition).toEqual(Principal.Service === 'events.amazonaws.com' ? undefined : thisAccount);
  }
});

/** The name of a log group; CloudFormation begins those that it chooses with the stack's. */
function logName({ Properties }: Resource): string {
  return String(Properties['LogGroupName'] ?? 'OneKey-chosen-by-CloudFormation');
}

test('CloudWatch Logs may use the key for the log groups of the stack, and for no others', () => {
  const patterns = keyStatements()
    .map(({ Condition }) => Condition?.['ArnLike']?.['kms:EncryptionContext:aws:logs:arn'])
    .filter((arn) => arn !== undefined)
    .map((arn) => /:log-group:(.*)"/.exec(JSON.stringify(arn))?.[1] ?? '');
  const names = resourcesOf(template('OneKey'), 'AWS::Logs::LogGroup', '', 'OneKey').map(logName);
  const matches = (pattern: string, name: string) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;

  expect(names.filter((name) => !patterns.some((pattern) => matches(pattern, name)))).toEqual([]);
  expect(patterns.filter((pattern) => !names.some((name) => matches(pattern, name)))).toEqual([]);
  expect(patterns).toContain('OneKey-*');
});

test('a warning says that the policy of an imported key is left as it is', () => {
  const metadata = readFileSync(join(synthesizedFolder(), 'constructs/keys/ManyKeys.metadata.json'), 'utf8');

  expect(metadata).toContain('The policy of an imported key is left as it is');
});

test('without tracing nothing may write traces, and nothing writes them', () => {
  const { Resources } = template('ManyKeys');

  expect(grantsOf(template('ManyKeys'), '', 'ManyKeys').filter((grant) => grant.startsWith('xray:'))).toEqual([]);
  expect(JSON.stringify(Resources)).not.toContain('"TracingConfig":{"Mode":"Active"}');
  expect(JSON.stringify(Resources)).not.toContain('"TracingConfiguration":{"Enabled":true}');
  expect(JSON.stringify(template('OneKey').Resources)).toContain('"TracingConfig":{"Mode":"Active"}');
  expect(JSON.stringify(template('OneKey').Resources)).toContain('"TracingConfiguration":{"Enabled":true}');
});

test('the rule packs find no fault', () => {
  expect(constructs('keys').findings).toEqual([]);
});
