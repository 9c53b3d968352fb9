import { readPage } from '../../docs/markdown-files.ts';
import { type Template, useAssemblies } from '../assemblies.ts';
import { CONTEXTS, type ContextName } from '../configurations.ts';
import { useConstructs } from '../construct-assemblies.ts';
import { type DeployedProgram, otherRoles, programsIn } from './deployed-programs.ts';
import { grantsForCalls, grantsForStateMachine, nameOnly } from './needed-grants.ts';
import { needlessReasons } from './needs.ts';
import { OPTIONS, STACKS, type StackName, stackOf } from './options.ts';
import { openRecorder, type Recorder } from './recorder.ts';
import { stateMachinesIn } from './state-machine.ts';

const START_TIMEOUT_MS = 300_000;

/** Roles without a program of ours. */
const OTHER_ROLES: readonly RegExp[] = [
  // What ECS does: pulls the image, starts machines, and joins them to the cluster.
  /\/((Spot)?Machines\/((Spot)?Machines|Instance)Role|Task\/ExecutionRole)\/Resource$/,
  // CodeDeploy moves an alias.
  /\/Release\/ServiceRole\/Resource$/,
  // The CDK's own helpers, which run at deployments only.
  /\/(Custom::|BucketNotificationsHandler)/,
];

const assembly = useAssemblies();
const constructs = useConstructs();
let recorder: Recorder;

beforeAll(async () => {
  recorder = await openRecorder();
}, START_TIMEOUT_MS);

afterAll(() => recorder?.close());

function templateOf(name: StackName): Template {
  const { app } = STACKS[name];
  return app === null ? assembly(name as ContextName).template : constructs(app).template(name);
}

function differences({ path, grants }: Pick<DeployedProgram, 'path' | 'grants'>, needed: readonly string[]): string[] {
  const granted = [...new Set(grants.map(nameOnly))];
  return [
    ...needed.filter((need) => !granted.includes(need)).map((need) => `${path} may not ${need}`),
    ...granted.filter((grant) => !needed.includes(grant)).map((grant) => `${path} never calls ${grant}`),
  ];
}

describe.each(Object.keys(STACKS) as StackName[])('in the stack %s', (name) => {
  test('the calls of each program are what its role allows, no fewer and no more', async () => {
    const stack = stackOf(name);
    const programs = programsIn(templateOf(name));
    const found: string[] = [];
    for (const deployed of programs) {
      found.push(...differences(deployed, grantsForCalls(deployed, await recorder.record(deployed), stack)));
    }
    for (const machine of stateMachinesIn(templateOf(name))) {
      found.push(...differences(machine, grantsForStateMachine(machine, stack)));
    }

    expect(programs.length).toBeGreaterThan(1);
    expect(found).toEqual([]);
  });

  test('every role is of a program, or of something that AWS or the CDK runs', () => {
    const unknown = otherRoles(templateOf(name)).filter((path) => !OTHER_ROLES.some((pattern) => pattern.test(path)));

    expect(unknown).toEqual([]);
  });
});

test('no reason is given for a right that a call needs anyway', async () => {
  const programs = (Object.keys(STACKS) as StackName[]).flatMap((name) => programsIn(templateOf(name)));
  const needless: string[] = [];
  for (const deployed of programs) needless.push(...needlessReasons(deployed.program, await recorder.record(deployed)));

  expect([...new Set(needless)]).toEqual([]);
});

test('every prop of the constructs is in a stack that is compared, or cannot change a right', () => {
  const props = [...readPage('docs/construct.md').matchAll(/^\| `(\w+)` \|/gm)].map(([, prop]) => prop);

  expect(Object.keys(OPTIONS).sort()).toEqual([...new Set(props)].sort());
  expect(Object.keys(STACKS)).toEqual(expect.arrayContaining(Object.keys(CONTEXTS)));
});
