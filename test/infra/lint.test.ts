import { createRequire } from 'node:module';
import { type Template, useAssemblies } from './assemblies.ts';
import { CONTEXTS, type ContextName } from './configurations.ts';

/** What we use of https://github.com/aws-cloudformation/cloudformation-validate. */
interface Linter {
  readonly CompositeEngine: new () => Engine;
  readonly TemplateContent: new (content: string) => object;
}

interface Engine {
  validateTemplate(template: object, options: { readonly severityLevel: 'WARN' }): { readonly diagnostics: Finding[] };
  free(): void;
}

interface Finding {
  readonly ruleId: string;
  readonly message: string;
  readonly entity?: { readonly logicalId: string };
  readonly propertyPath?: string;
}

/** Findings that are accepted, with the reason. */
const ACCEPTED: Readonly<Record<string, string>> = {
  W3005: 'The CDK also writes dependencies that follow from references. They do no harm.',
};

/**
 * AWS's own port of cfn-lint's rules, with CloudFormation's schemas of all resources. The newest
 * version is to be had with the CDK only.
 */
const { CompositeEngine, TemplateContent }: Linter = createRequire(
  createRequire(import.meta.url).resolve('aws-cdk-lib/package.json'),
)('@aws/cloudformation-validate');

const assembly = useAssemblies();
let engine: Engine;

beforeAll(() => {
  engine = new CompositeEngine();
});

afterAll(() => engine.free());

function lint(template: Template): Finding[] {
  const content = new TemplateContent(JSON.stringify(template));
  return engine.validateTemplate(content, { severityLevel: 'WARN' }).diagnostics;
}

test.each(Object.keys(CONTEXTS) as ContextName[])("cfn-lint's rules find nothing in the configuration %s", (name) => {
  const findings = lint(assembly(name).template).filter(({ ruleId }) => !(ruleId in ACCEPTED));

  expect(findings).toEqual([]);
});

test.each([
  ['a misspelt property', 'AWS::SQS::Queue', { VisibilityTimeOut: 5 }, 'F3002'],
  ['a wrong type', 'AWS::Lambda::Function', { MemorySize: 'much' }, 'F3012'],
  ['a missing property', 'AWS::Lambda::EventSourceMapping', { FunctionName: undefined }, 'F3003'],
  ['a value that is none of the permitted ones', 'AWS::Lambda::Function', { Runtime: 'nodejs25.x' }, 'W3030'],
  ['a number that is too large', 'AWS::SQS::Queue', { MessageRetentionPeriod: 15 * 86_400 }, 'F3034'],
  ['a text that is too long', 'AWS::Lambda::Function', { Description: 'x'.repeat(257) }, 'F3033'],
  ['a text of another form', 'AWS::S3::Bucket', { BucketName: 'Photos_1' }, 'F3031'],
  ['a reference to nothing', 'AWS::Lambda::Function', { Role: { Ref: 'Nothing' } }, 'F1020'],
  [
    'an attribute that is not there',
    'AWS::Lambda::Function',
    { Role: { 'Fn::GetAtt': ['Results25575328', 'Url'] } },
    'E9004',
  ],
])('they find %s', (_, type, properties, rule) => {
  const template = structuredClone(assembly('withoutGpu').template);
  const [logicalId, resource] = Object.entries(template.Resources).find(([, { Type }]) => Type === type) ?? [];
  Object.assign(Object(resource?.Properties), properties);

  const found = lint(template).map(({ ruleId, entity }) => [ruleId, entity?.logicalId]);

  expect(found).toContainEqual([rule, logicalId]);
});
