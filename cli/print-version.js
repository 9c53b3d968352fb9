import { createRequire } from 'node:module';

/**
 * Prints the version if nothing else is asked for. It is plain JavaScript without other imports,
 * because a clone needs a quarter of a second only to load what runs TypeScript.
 * @param {readonly string[]} args the arguments after the program's name
 * @returns {boolean} whether it printed the version
 */
export function printVersion(args) {
  if (args.length !== 1 || (args[0] !== '--version' && args[0] !== '-V')) return false;
  process.stdout.write(`${createRequire(import.meta.url)('../package.json').version}\n`);
  return true;
}
