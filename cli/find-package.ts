import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Settings } from './settings.ts';

/**
 * Finds the folder that a name or a path means, for checking it: the package need not be sound. A
 * folder of that name among the packages comes before one in the current folder, as with `--model`.
 * @throws {ModelNotFoundError} when a name is that of no folder
 */
export async function findPackage(
  nameOrFolder: string,
  { modelsDir, offline }: Pick<Settings, 'modelsDir' | 'offline'>,
): Promise<string> {
  const isName = basename(nameOrFolder) === nameOrFolder && !/^\.*$/.test(nameOrFolder);
  if (!isName) return nameOrFolder;
  if (await isFolder(join(modelsDir, nameOrFolder))) return join(modelsDir, nameOrFolder);
  if (await isFolder(nameOrFolder)) return nameOrFolder;
  const { chooseModel } = await import('./choose-model.ts');
  const say = (line: string): boolean => process.stderr.write(`${line}\n`);
  return await chooseModel({ modelsDir, offline, requestedModel: nameOrFolder, say });
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() ?? false;
}
