import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureSamplePackage } from '../../../models/sample/sample.ts';
import { type HeavyWorld, openHeavyWorld } from '../../functions/gpu-worker/heavy-world.ts';
import { onlyResource, useAssemblies } from '../assemblies.ts';

const assembly = useAssemblies();
let folder: string;
let world: HeavyWorld;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-health-'));
  world = await openHeavyWorld(await ensureSamplePackage(folder));
});

afterAll(async () => {
  await world?.close();
  await rm(folder, { recursive: true, force: true });
});

test('two workers on one machine, as two tasks on a machine with two GPUs, both pass the health check', async () => {
  const { variables, healthCheck } = templateWorker();
  const portFile = String(variables['AUTOSWIFTNET_WORKER_PORT_FILE']);
  const [tool = '', ...command] = healthCheck;
  expect(tool).toBe('CMD');
  const checks = ['first', 'second'].map(async (name) => {
    // Each task has a file system of its own.
    const ownFile = join(folder, name);
    const worker = world.startWorker({
      AUTOSWIFTNET_WORKER_PORT: String(variables['AUTOSWIFTNET_WORKER_PORT']),
      AUTOSWIFTNET_WORKER_PORT_FILE: ownFile,
    });
    await worker.healthUrl;
    const [program = '', ...rest] = command.map((word) => word.replace(portFile, ownFile));
    await promisify(execFile)(program, rest);
    worker.child.kill('SIGTERM');
    return readFile(ownFile, 'utf8');
  });

  const [first, second] = await Promise.all(checks);
  expect(first).not.toBe(second);
});

/** Returns the variables and the health check of the container in the template. */
function templateWorker(): { variables: Record<string, unknown>; healthCheck: string[] } {
  const { ContainerDefinitions } = onlyResource(assembly().template, 'AWS::ECS::TaskDefinition');
  const [{ Environment, HealthCheck }] = ContainerDefinitions as [
    { Environment: { Name: string; Value: unknown }[]; HealthCheck: { Command: string[] } },
  ];
  const variables = Object.fromEntries(Environment.map(({ Name, Value }) => [Name, Value]));
  return { variables, healthCheck: HealthCheck.Command };
}
