import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import * as z from 'zod';
import { type StackProgram, startStack } from '../stack-process.ts';

const healthSchema = z.object({
  endpoints: z.object({ s3: z.string(), sqs: z.string(), sns: z.string() }),
  queues: z.record(z.string(), z.string()),
});

/** A local stack that is put under load. */
export interface LoadStack extends z.infer<typeof healthSchema> {
  readonly pid: number;
  readonly url: string;
  close(): Promise<void>;
}

export async function startLoadStack(packageDir: string, folder: string, program?: StackProgram): Promise<LoadStack> {
  const { child, url } = await startStack(packageDir, folder, program);
  const health = healthSchema.parse(await (await fetch(`${url}/health`)).json());
  return { ...health, url, pid: child.pid ?? 0, close: () => end(child) };
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
