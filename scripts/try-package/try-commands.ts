import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Consumer } from './consumer.ts';

/** Tries the commands that a new user tries first, in the folder where the package is installed. */
export async function tryCommands({ folder, run }: Consumer, version: string): Promise<void> {
  strictEqual((await run('npx autoswiftnet --version')).stdout, `${version}\n`);
  match((await run('npx autoswiftnet --help')).stdout, /^Usage: autoswiftnet .*^ +start .*^ +classify .*^ +models /ms);

  const classified = await run('npx autoswiftnet classify photo.jpg --json');
  deepStrictEqual(JSON.parse(classified.stdout).predictions.map(({ label }: { label: string }) => label)[0], 'daisy');
  strictEqual(existsSync(join(folder, 'models/cache/sample/model.json')), true);

  const listed = JSON.parse((await run('npx autoswiftnet models list --json')).stdout);
  strictEqual(listed.length, 13);
  deepStrictEqual(
    listed.filter(({ onDisk }: { onDisk: boolean }) => onDisk).map(({ name }: { name: string }) => name),
    ['sample'],
  );
  const verified = JSON.parse((await run('npx autoswiftnet models verify models/cache/sample --json')).stdout);
  strictEqual(verified.ok, true);
}
