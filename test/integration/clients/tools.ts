import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The S3 clients that Debian has, with the file that each package brings. */
const TOOLS = {
  s3cmd: '/usr/bin/s3cmd',
  rclone: '/usr/bin/rclone',
  awscli: '/usr/bin/aws',
  'python3-boto3': '/usr/lib/python3/dist-packages/boto3/__init__.py',
} as const;

export type Tool = keyof typeof TOOLS;

/** On a busy machine clients that start forty times take a while, all at once. */
const TEST_TIMEOUT_MS = 300_000;

export const hasAnyTool = Object.values(TOOLS).some((file) => existsSync(file));

/**
 * A test that needs a Debian package. Without it the test is skipped, and its title says so. Those
 * of a file run side by side, because a client waits for the disk and for itself to start.
 */
export function testWith(tool: Tool, title: string, body: () => Promise<void>): void {
  if (existsSync(TOOLS[tool])) test.concurrent(title, body, TEST_TIMEOUT_MS);
  else test.skip(`${title} (needs ${tool}: apt-get install --no-install-recommends ${tool})`, body);
}

/** Runs a client with the settings of nobody: an empty home and a key that is no secret. */
export type RunClient = (program: string, ...parameters: string[]) => Promise<string>;

/**
 * @param home an empty folder
 * @param more variables that the client needs
 * @returns a function that returns what the client printed, and throws what it complained of
 */
export function clientIn(home: string, more: Record<string, string> = {}): RunClient {
  const env = {
    HOME: home,
    PATH: '/usr/bin:/bin',
    LC_ALL: 'C.UTF-8',
    AWS_ACCESS_KEY_ID: 'anyone',
    AWS_SECRET_ACCESS_KEY: 'anything',
    AWS_EC2_METADATA_DISABLED: 'true',
    ...more,
  };
  return async (program, ...parameters) => {
    const { stdout } = await run(program, parameters, { env, cwd: home, maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  };
}
