import type { Resource, Template } from '../assemblies.ts';
import { type Grant, grantsIn, show } from '../granted-actions.ts';
import { pathOf } from '../path-of.ts';
import type { ProgramName } from './programs.ts';
import type { Deployed } from './recorder.ts';

/** A program of a template, and what its role allows. */
export interface DeployedProgram extends Deployed {
  /** Path of its construct. */
  readonly path: string;
  readonly grants: readonly Grant[];
  /** The log group of a function, or nothing. */
  readonly log: string;
}

interface LambdaProperties {
  readonly Description?: unknown;
  readonly Role: unknown;
  readonly Environment?: { readonly Variables: Readonly<Record<string, unknown>> };
  readonly LoggingConfig?: { readonly LogGroup: unknown };
}

interface TaskProperties {
  readonly TaskRoleArn: unknown;
  readonly ContainerDefinitions: readonly { readonly Environment: readonly { Name: string; Value: unknown }[] }[];
}

/** How the descriptions of the functions begin. */
const DESCRIPTIONS: Readonly<Record<Exclude<ProgramName, 'gpu-worker'>, string>> = {
  'tag-upload': 'Tags uploaded images',
  'dead-letters': 'Records failed uploads',
  api: 'Answers the HTTP API',
  health: 'Answers GET /health',
  backfill: 'Tags a batch',
  'keep-task-count': 'Tells CloudFormation how many tasks',
  'ask-queue': 'Calls the heavy queue',
  'limit-gpu-hours': 'Counts the GPU hours',
};

/** Lists the programs of a template: its functions, and the worker of the heavy models. */
export function programsIn(template: Template): DeployedProgram[] {
  return Object.values(template.Resources).flatMap((resource) => {
    const program = programOf(resource);
    if (program === null) return [];
    const { role, ...parts } = partsOf(resource);
    return [{ ...parts, program, path: pathOf(resource), grants: grantsOfRole(template, role) }];
  });
}

/** Paths of the roles that belong to no program and no state machine. */
export function otherRoles({ Resources }: Template): string[] {
  const ofPrograms = Object.values(Resources).flatMap((resource) =>
    programOf(resource) === null ? [] : [partsOf(resource).role],
  );
  const ofMachines = Object.values(Resources)
    .filter(({ Type }) => Type === 'AWS::StepFunctions::StateMachine')
    .map(({ Properties }) => roleId(Properties['RoleArn']));
  return Object.entries(Resources)
    .filter(([id, { Type }]) => Type === 'AWS::IAM::Role' && ![...ofPrograms, ...ofMachines].includes(id))
    .map(([, resource]) => pathOf(resource));
}

function programOf({ Type, Properties }: Resource): ProgramName | null {
  if (Type === 'AWS::ECS::TaskDefinition') return 'gpu-worker';
  if (Type !== 'AWS::Lambda::Function') return null;
  // A description may contain a parameter of the template, as that of the canary does.
  const description = show((Properties as unknown as LambdaProperties).Description ?? '');
  const [name] = Object.entries(DESCRIPTIONS).find(([, begin]) => description.startsWith(begin)) ?? [];
  return (name ?? null) as ProgramName | null;
}

function partsOf({ Type, Properties }: Resource) {
  if (Type === 'AWS::ECS::TaskDefinition') {
    const { TaskRoleArn, ContainerDefinitions } = Properties as unknown as TaskProperties;
    const entries = ContainerDefinitions[0]?.Environment.map(({ Name, Value }) => [Name, Value] as const) ?? [];
    return { role: roleId(TaskRoleArn), variables: shown(entries), log: '' };
  }
  const { Role, Environment, LoggingConfig } = Properties as unknown as LambdaProperties;
  const variables = shown(Object.entries(Environment?.Variables ?? {}));
  return { role: roleId(Role), variables, log: show(LoggingConfig?.LogGroup) };
}

/** Lists everything that a role allows, by its logical id. */
export function grantsOfRole({ Resources }: Template, role: string): Grant[] {
  const attached = Object.values(Resources).filter(
    ({ Type, Properties }) =>
      Type === 'AWS::IAM::Policy' && (Properties['Roles'] as { Ref?: string }[]).some(({ Ref }) => Ref === role),
  );
  return grantsIn([...attached, ...(Resources[role] === undefined ? [] : [Resources[role]])]);
}

/** The logical id of a role, from a reference to its ARN. */
export function roleId(role: unknown): string {
  return (role as { 'Fn::GetAtt': [string] })['Fn::GetAtt'][0];
}

function shown(variables: readonly (readonly [string, unknown])[]): Record<string, string> {
  return Object.fromEntries(variables.map(([name, value]) => [name, show(value)]));
}
