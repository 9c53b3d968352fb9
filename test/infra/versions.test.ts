import { type Resource, resourcesOf, type Template, useAssemblies } from './assemblies.ts';
import { CONTEXTS, type ContextName } from './configurations.ts';

const assembly = useAssemblies();

/** Properties that name a function that is called, by the type of the resource. */
const CALLERS: Readonly<Record<string, readonly string[]>> = {
  'AWS::Lambda::EventSourceMapping': ['FunctionName'],
  'AWS::Lambda::Permission': ['FunctionName'],
  'AWS::ApiGatewayV2::Integration': ['IntegrationUri'],
  'AWS::Events::Rule': ['Targets', '0', 'Arn'],
};

/** The resources of our own functions. The CDK adds others, which run at deployment only. */
function ours(template: Template, type: string): Resource[] {
  return resourcesOf(template, type).filter(({ Metadata }) =>
    /\/Function\/(Resource|CurrentVersion\/Resource)$|\/Alias\//.test(Metadata?.['aws:cdk:path'] ?? ''),
  );
}

/** Returns the type of the resource that a value refers to. */
function typeOf(template: Template, value: unknown): string {
  const text = JSON.stringify(value);
  const [id = ''] = Object.keys(template.Resources).filter((one) => text.includes(`"${one}"`));
  return template.Resources[id]?.Type ?? text;
}

describe.each(Object.keys(CONTEXTS) as ContextName[])('in the configuration %s', (name) => {
  test('each function has an alias, which points to the version of what is deployed', () => {
    const { template } = assembly(name);
    const functions = ours(template, 'AWS::Lambda::Function');
    const aliases = ours(template, 'AWS::Lambda::Alias').map(({ Properties }) => Properties);

    expect(functions.length).toBeGreaterThan(1);
    expect(aliases).toHaveLength(functions.length);
    for (const { Name, FunctionVersion } of aliases) {
      expect([Name, typeOf(template, FunctionVersion)]).toEqual(['live', 'AWS::Lambda::Version']);
    }
  });

  test('every event source, route, schedule and permission names the alias', () => {
    const { template } = assembly(name);
    const called = Object.entries(CALLERS).flatMap(([type, path]) =>
      resourcesOf(template, type).map(({ Properties }) =>
        typeOf(
          template,
          path.reduce<unknown>((value, key) => Object(value)[key], Properties),
        ),
      ),
    );

    expect(called.length).toBeGreaterThan(3);
    expect([...new Set(called)]).toEqual(['AWS::Lambda::Alias']);
  });

  test('an old version stays, so that the alias can be put back, and one of a failed deployment does not', () => {
    const policies = ours(assembly(name).template, 'AWS::Lambda::Version').map(({ DeletionPolicy }) => DeletionPolicy);

    expect([...new Set(policies)]).toEqual(['RetainExceptOnCreate']);
  });
});

/** What a published version consists of, and its logical id, by the logical id of the function. */
function versionsOf({ template }: ReturnType<typeof assembly>): Map<string, { content: string; id: string }> {
  const { Resources } = template;
  const versions = Object.entries(Resources).filter(([, { Type }]) => Type === 'AWS::Lambda::Version');
  return new Map(
    versions.map(([id, { Properties }]) => {
      const { Ref: functionId = '' } = Properties['FunctionName'] as { Ref?: string };
      const { ReservedConcurrentExecutions: _, ...properties } = Resources[functionId]?.Properties ?? {};
      const layers = resourcesOf(template, 'AWS::Lambda::LayerVersion', 'Layers').map((layer) => layer.Properties);
      const content = JSON.stringify([properties, properties['Layers'] === undefined ? [] : layers]);
      return [functionId, { content, id }];
    }),
  );
}

test('a version is published exactly when code, layers or configuration of its function differ', () => {
  const all = (Object.keys(CONTEXTS) as ContextName[]).map((name) => versionsOf(assembly(name)));
  const pairs = all.flatMap((one) =>
    all.flatMap((other) =>
      [...one].flatMap(([functionId, version]) => {
        const same = other.get(functionId);
        return same === undefined || one === other ? [] : [[version, same] as const];
      }),
    ),
  );

  const republished = pairs.map(([one, other]) => one.id !== other.id);
  expect(republished).toEqual(pairs.map(([one, other]) => one.content !== other.content));
  expect(new Set(republished)).toEqual(new Set([true, false]));
});
