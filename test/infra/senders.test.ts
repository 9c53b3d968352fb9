import { type Resource, useAssemblies } from './assemblies.ts';
import { CONTEXTS, type ContextName } from './configurations.ts';

const assembly = useAssemblies();

interface Statement {
  readonly Effect: string;
  readonly Action: string;
  readonly Resource: unknown;
  /** The CDK puts services with the same rights into one statement. */
  readonly Principal: { readonly Service?: string | string[] };
  readonly Condition?: unknown;
}

const THIS_ACCOUNT = { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } };

function resources(name: ContextName): [string, Resource][] {
  return Object.entries(assembly(name).template.Resources);
}

/** Lists what the policies of all topics and queues allow: `SERVICE may ACTION on ID`. */
function allowed(name: ContextName): { readonly text: string; readonly condition: unknown }[] {
  const statements = resources(name)
    .filter(([, { Type }]) => Type === 'AWS::SNS::TopicPolicy' || Type === 'AWS::SQS::QueuePolicy')
    .flatMap(([, { Properties }]) => (Properties['PolicyDocument'] as { Statement: Statement[] }).Statement);
  return statements
    .filter(({ Effect, Principal }) => Effect === 'Allow' && Principal.Service !== undefined)
    .flatMap(({ Principal, Action, Resource, Condition }) =>
      [Principal.Service].flat().map((service) => ({
        text: `${service} may ${Action} on ${idOf(Resource)}`,
        condition: Condition,
      })),
    );
}

/** Lists what services of AWS are asked to do: alarms and budgets publish, buckets send events. */
function needed(name: ContextName): string[] {
  return resources(name).flatMap(([, { Type, Properties }]) => {
    if (Type === 'AWS::CloudWatch::Alarm') {
      const actions = ['AlarmActions', 'OKActions', 'InsufficientDataActions'].flatMap(
        (list) => (Properties[list] ?? []) as unknown[],
      );
      const topics = actions
        .map(idOf)
        .filter((id) => assembly(name).template.Resources[id]?.Type === 'AWS::SNS::Topic');
      return topics.map((id) => `cloudwatch.amazonaws.com may sns:Publish on ${id}`);
    }
    if (Type === 'AWS::Budgets::Budget') {
      const { NotificationsWithSubscribers } = Properties as {
        NotificationsWithSubscribers: { Subscribers: { Address: unknown }[] }[];
      };
      return NotificationsWithSubscribers.flatMap(({ Subscribers }) =>
        Subscribers.map(({ Address }) => `budgets.amazonaws.com may sns:Publish on ${idOf(Address)}`),
      );
    }
    const { QueueConfigurations = [] } = (Properties?.['NotificationConfiguration'] ?? {}) as {
      QueueConfigurations?: { Queue?: unknown; QueueArn?: unknown }[];
    };
    return QueueConfigurations.map(
      ({ Queue, QueueArn }) => `s3.amazonaws.com may sqs:SendMessage on ${idOf(Queue ?? QueueArn)}`,
    );
  });
}

/** Returns the logical id that a `Ref` or `Fn::GetAtt` names. */
function idOf(value: unknown): string {
  const { Ref, 'Fn::GetAtt': attribute } = Object(value) as { Ref?: string; 'Fn::GetAtt'?: string[] };
  return Ref ?? attribute?.[0] ?? JSON.stringify(value);
}

describe.each(Object.keys(CONTEXTS) as ContextName[])('in the configuration %s', (name) => {
  test('alarms may publish to their topic and buckets may send to their queue, and no other service may', () => {
    const texts = allowed(name).map(({ text }) => text);

    expect([...new Set(needed(name))].sort()).toEqual([...new Set(texts)].sort());
    expect(texts.filter((text) => text.startsWith('cloudwatch.amazonaws.com'))).toHaveLength(1);
    expect(texts.filter((text) => text.startsWith('s3.amazonaws.com'))).not.toEqual([]);
  });

  test('services may send for this account only', () => {
    expect(allowed(name).filter(({ condition }) => JSON.stringify(condition) !== JSON.stringify(THIS_ACCOUNT))).toEqual(
      [],
    );
  });
});
