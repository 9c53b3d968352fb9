import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidPackageError } from '../../classifier/errors.ts';
import { FunctionStartError, PortTakenError } from '../../local/errors.ts';
import { startGateway } from '../../local/gateway.ts';
import { startStack } from '../../local/stack.ts';
import { ensureSamplePackage } from '../../models/sample/sample.ts';

let folder: string;
let packageDir: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-stack-'));
  packageDir = await ensureSamplePackage(join(folder, 'models'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test('a model that fails its self-test is an error at start, which leaves nothing running', async () => {
  const damaged = join(folder, 'damaged', 'sample');
  await cp(packageDir, damaged, { recursive: true });
  const weights = await readFile(join(damaged, 'weights.bin'));
  await writeFile(join(damaged, 'weights.bin'), weights.fill(0, 1_000_000, 1_500_000));
  const dataDir = join(folder, 'data');

  await expect(startStack({ dataDir, packageDir: damaged, port: 0 })).rejects.toThrow(FunctionStartError);

  const stack = await startStack({ dataDir, packageDir, port: 0 });
  await stack.close();
});

test('a folder that is not a model package is an error before anything starts', async () => {
  await expect(startStack({ dataDir: join(folder, 'none'), packageDir: folder, port: 0 })).rejects.toThrow(
    InvalidPackageError,
  );
});

test('a taken port is an error, and the data folder is free again', async () => {
  const other = await startGateway(0, {
    health: () => {
      throw new Error('not asked');
    },
    api: () => undefined,
  });
  const dataDir = join(folder, 'taken');

  await expect(startStack({ dataDir, packageDir, port: other.port })).rejects.toThrow(PortTakenError);
  await expect(startStack({ dataDir, packageDir, port: other.port })).rejects.toThrow(PortTakenError);
  await other.close();
});

test('the services keep their ports after a restart', async () => {
  const dataDir = join(folder, 'ports');
  // Below the ports that systems hand out, so that no other test gets one of the three ports after
  // it.
  const port = 20_000 + Math.floor(Math.random() * 10_000);

  const first = await startStack({ dataDir, packageDir, port });
  await first.close();
  const second = await startStack({ dataDir, packageDir, port });
  await second.close();

  expect(second.url).toBe(first.url);
  // Only functions call Lambda, at any free port.
  const lambda = expect.stringMatching(/^http:/);
  expect(second.health.endpoints).toEqual({ ...first.health.endpoints, lambda });
});
