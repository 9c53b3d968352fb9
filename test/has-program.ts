import { spawnSync } from 'node:child_process';

/**
 * Returns whether a program is installed, and works with these arguments. Tests that need a program
 * which npm does not install are skipped without it.
 * @example hasProgram('curl', ['--version'])
 */
export function hasProgram(program: string, check: readonly string[]): boolean {
  return spawnSync(program, check, { stdio: 'ignore' }).status === 0;
}
