import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Architecture } from '../../../layers/architecture.ts';
import type { LaidOutFunction } from './lay-out.ts';
import { startRuntimeApi } from './runtime-api.ts';

/** One instance of a function, started from its artefacts only. */
export interface BootedFunction {
  /**
   * @throws {Error} what the function threw, or why it did not start, with everything that it
   * printed
   */
  invoke(event: unknown): Promise<unknown>;
  /** Returns everything that it has written to standard output and standard error. */
  printed(): string;
  /**
   * Returns the processor time that it has used, in milliseconds. This includes its namespaces, and
   * excludes everything else on the machine.
   */
  processorMs(): number;
  close(): Promise<void>;
}

export interface BootOptions {
  readonly laidOut: LaidOutFunction;
  readonly architecture: Architecture;
  /** The declared variables without references, and the addresses of the services. */
  readonly variables: Readonly<Record<string, string>>;
  /** The only core that it may use. @default - all */
  readonly core?: number | undefined;
}

const ENTER = fileURLToPath(new URL('enter-lambda.sh', import.meta.url));
/**
 * Index in /proc/PID/stat after the program's name:
 * https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
const USER_TICKS_FIELD = 11;
/** Linux counts in hundredths of a second. */
const MS_PER_TICK = 10;
/** An emulated processor is slow, but Lambda's deadline is meant for a real one. */
const EMULATION_FACTOR = 20;
const BOOTSTRAP = '/var/runtime/bootstrap.mjs';

/**
 * Starts Node 24 in the prepared machine, with the given variables and those that Lambda adds.
 */
export async function bootFunction(options: BootOptions): Promise<BootedFunction> {
  const { laidOut, architecture, core } = options;
  const api = await startRuntimeApi({
    timeoutMs: laidOut.timeoutMs * (architecture === process.arch ? 1 : EMULATION_FACTOR),
  });
  const variables = { ...lambdaVariables(laidOut, api.address), ...options.variables };
  const root = await mkdtemp(join(tmpdir(), 'lambda-'));
  const enter = ['unshare', '-rm', 'bash', ENTER, architecture, laidOut.parts, root, ...toArguments(variables)];
  const [program = '', ...rest] = core === undefined ? enter : ['taskset', '-c', String(core), ...enter];
  const child = spawn(program, [...rest, '--', BOOTSTRAP], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] },
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  const ended = once(child, 'close');
  void ended.then(([code, signal]) => api.fail(new Error(`the function ended with ${code ?? signal}:\n${printed}`)));
  return {
    async invoke(event) {
      try {
        return await api.invoke(event);
      } catch (error) {
        throw new Error(`${error instanceof Error ? error.message : error}\n${printed}`, { cause: error });
      }
    },
    printed: () => printed,
    processorMs() {
      const [, fields = ''] = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(/\) (.*)/s);
      const [user, system] = fields.split(' ').slice(USER_TICKS_FIELD, USER_TICKS_FIELD + 2);
      return (Number(user) + Number(system)) * MS_PER_TICK;
    },
    async close() {
      child.kill('SIGKILL');
      await ended;
      await api.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
function lambdaVariables({ handler, memoryMb }: LaidOutFunction, runtimeApi: string): Record<string, string> {
  return {
    _HANDLER: handler,
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    AWS_LAMBDA_FUNCTION_NAME: 'boot-test',
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: 'boot-test',
    AWS_LAMBDA_LOG_STREAM_NAME: 'boot-test',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'anyone',
    AWS_SECRET_ACCESS_KEY: 'anything',
    AWS_SESSION_TOKEN: 'anyhow',
    LAMBDA_TASK_ROOT: '/var/task',
    LAMBDA_RUNTIME_DIR: '/var/runtime',
    NODE_PATH: '/opt/nodejs/node24/node_modules:/opt/nodejs/node_modules:/var/runtime/node_modules',
    PATH: '/var/lang/bin:/usr/local/bin:/usr/bin:/bin:/opt/bin',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
  };
}

function toArguments(variables: Readonly<Record<string, string>>): string[] {
  return Object.entries(variables).map(([name, value]) => `${name}=${value}`);
}
