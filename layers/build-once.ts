import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

const FILE_MODE = 0o644;
const FOLDER_MODE = 0o755;

/**
 * Makes a folder once. `fill` writes into a hidden folder beside it, which is renamed when it is
 * complete, so a folder of that name is always complete. Several processes may call this at the
 * same time; the first result stays. File modes do not depend on the user's umask. It is
 * synchronous, because constructs of the CDK are.
 */
export function buildOnce(folder: string, fill: (draft: string) => void): string {
  if (existsSync(folder)) return folder;
  mkdirSync(dirname(folder), { recursive: true });
  const draft = mkdtempSync(join(dirname(folder), '.draft-'));
  try {
    fill(draft);
    settleModes(draft);
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

function settleModes(folder: string): void {
  chmodSync(folder, FOLDER_MODE);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? FOLDER_MODE : FILE_MODE);
  }
}
