import { type Resource, resourcesOf, type Template } from './assemblies.ts';

/** An action and its resource as text: `s3:GetObject on <ImagesBucket4B6DB8E1.Arn>/*`. */
export type Grant = string;

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
}

/** Lists everything that the roles below a path of the construct tree may do. */
export function grantsOf(template: Template, path: string, stack = 'AutoSwiftNet'): Grant[] {
  return grantsIn([
    ...resourcesOf(template, 'AWS::IAM::Policy', path, stack),
    ...resourcesOf(template, 'AWS::IAM::Role', path, stack),
  ]);
}

/** Lists everything that these policies and roles allow. */
export function grantsIn(policies: readonly Resource[]): Grant[] {
  const documents = policies.flatMap(({ Properties }) => {
    const inline = (Properties['Policies'] as { PolicyDocument: unknown }[] | undefined) ?? [];
    return [Properties['PolicyDocument'], ...inline.map(({ PolicyDocument }) => PolicyDocument)];
  });
  const statements = documents.flatMap(
    (document) => (document as { Statement: Statement[] } | undefined)?.Statement ?? [],
  );
  return statements
    .filter(({ Effect }) => Effect === 'Allow')
    .flatMap(({ Action, Resource }) =>
      [Action].flat().flatMap((action) => [Resource].flat().map((resource) => `${action} on ${show(resource)}`)),
    )
    .sort();
}

/** Shows a value, without the hash at the end of a logical id. */
export function show(value: unknown): string {
  if (typeof value === 'string') return value;
  const [name, argument] = Object.entries(Object(value))[0] ?? [];
  if (name === 'Ref') return `<${withoutHash(String(argument))}>`;
  if (name === 'Fn::Sub') return String(argument);
  if (name === 'Fn::GetAtt') return `<${withoutHash((argument as string[])[0] ?? '')}>`;
  if (name === 'Fn::Join') return ((argument as [string, unknown[]])[1] ?? []).map(show).join('');
  throw new Error(`expected a reference, found ${JSON.stringify(value)}`);
}

/** A logical id without the hash at its end. */
export function withoutHash(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}$/, '');
}
