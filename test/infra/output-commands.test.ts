import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CREDENTIALS, REGION, UPLOADS_BUCKET } from '../../local/names.ts';
import type { Stack } from '../../local/stack.ts';
import { ensureSamplePackage } from '../../models/sample/sample.ts';
import { hasProgram } from '../has-program.ts';
import { startPublishedStack } from '../integration/published-stack.ts';
import { eventually } from '../integration/uploads.ts';
import { useAssemblies } from './assemblies.ts';
import { CONTEXTS, type ContextName } from './configurations.ts';

/** What a deployment puts in the places of names, in the order in which a command has them. */
type Values = Readonly<Record<string, string>>;

const PICTURE = fileURLToPath(new URL('../../models/sample/images/daisy-1.jpg', import.meta.url));
const hasTools = hasProgram('curl', ['--version']) && hasProgram('aws', ['--version']);
const TEST_TIMEOUT_MS = 90_000;

/** A test that runs commands as people paste them. */
const testInShell: (title: string, run: () => Promise<void>) => void = hasTools
  ? (title, run) => test(title, run, TEST_TIMEOUT_MS)
  : (title, run) => test.skip(`${title} (needs curl and the AWS CLI: apt-get install curl awscli)`, run);

const assembly = useAssemblies();
let folder: string;
let stack: Stack;

beforeAll(async () => {
  if (!hasTools) return;
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-outputs-'));
  await copyFile(PICTURE, join(folder, 'photo.jpg'));
  const packageDir = await ensureSamplePackage(join(folder, 'models'));
  stack = await startPublishedStack({ dataDir: join(folder, 'data'), packageDir, port: 0 });
}, TEST_TIMEOUT_MS);

afterAll(async () => {
  if (!hasTools) return;
  await stack.close();
  await rm(folder, { recursive: true, force: true });
});

/** The commands that a stack prints, with the local stack in the place of what is deployed. */
function commandsOf(name: ContextName): Values {
  const outputs = Object.entries(assembly(name).template.Outputs).filter(([output]) => output.endsWith('Command'));
  return Object.fromEntries(outputs.map(([output, { Value }]) => [output, toLocal(resolve(Value))]));
}

/** Writes a value as CloudFormation does, with `<name>` for each reference. */
function resolve(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[kind, argument] = ['', '']] = Object.entries(value as Record<string, unknown>);
  if (kind === 'Ref') return `<${String(argument)}>`;
  if (kind === 'Fn::Join') {
    const [separator, parts] = argument as [string, unknown[]];
    return parts.map(resolve).join(separator);
  }
  throw new TypeError(`an output has a ${kind}, which this test does not know`);
}

function toLocal(command: string): string {
  return command
    .replace(/https:\/\/<Api\w+>\.execute-api\.<AWS::Region>\.<AWS::URLSuffix>/, stack.url)
    .replace(/https:\/\/api\.photos\.example/, stack.url)
    .replaceAll(/<Images\w+>|their-photos|kept-photos/g, UPLOADS_BUCKET)
    .replaceAll('<AWS::Region>', REGION);
}

/** Runs a command in the folder of the picture, as a person with credentials would. */
async function run(command = ''): Promise<string> {
  expect(command).not.toMatch(/[<>]/);
  // The Debian version of the AWS CLI has no variable for the endpoint.
  const script = `aws() { command aws --endpoint-url "$S3" "$@"; }\nset -e\n${command}`;
  const { PATH = '', HOME = '' } = process.env;
  const env = {
    PATH,
    HOME,
    S3: stack.health.endpoints.s3,
    TOKEN: 'a.b.c',
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_DEFAULT_REGION: REGION,
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd: folder, env });
  return stdout;
}

/** What each command must print. */
const CHECKS: Readonly<Record<string, (command: string) => Promise<void>>> = {
  async UploadCommand(command) {
    expect(await run(command)).toContain('upload: ./photo.jpg to s3://');
  },
  async TagsCommand(command) {
    const printed = await eventually(
      () => run(command),
      (text) => text.includes('autoswiftnet:label'),
    );
    expect(JSON.parse(printed).TagSet).toContainEqual({ Key: 'autoswiftnet:label', Value: 'daisy' });
  },
  async HealthCommand(command) {
    expect(JSON.parse(await run(command))).toMatchObject({ status: 'ok' });
  },
  async ClassifyCommand(command) {
    expect(JSON.parse(await run(command)).predictions[0].label).toBe('daisy');
  },
};

testInShell('every command that a stack prints does on the local stack what its description says', async () => {
  const printed = (Object.keys(CONTEXTS) as ContextName[]).map(commandsOf);
  for (const commands of printed) expect(Object.keys(commands).sort()).toEqual(Object.keys(CHECKS).sort());

  for (const [output, check] of Object.entries(CHECKS)) {
    // Most configurations print the same command.
    for (const command of new Set(printed.map((commands) => commands[output] ?? ''))) await check(command);
  }
});
