/**
 * Asks npm's registry for known vulnerabilities of the packages that are shipped, and fails for
 * those of severity high and critical: `npm run audit`. Further arguments go to `npm audit`.
 * Mirrors and networks without the registry have no such service; then it says so and passes.
 */
import { spawnSync } from 'node:child_process';

const { stdout, stderr, status } = spawnSync(
  'npm',
  ['audit', '--omit=dev', '--audit-level=high', '--json', ...process.argv.slice(2)],
  { encoding: 'utf8', shell: process.platform === 'win32' },
);
const report = parse(stdout);
if (report?.vulnerabilities === undefined) {
  const reason = report?.message ?? report?.error?.summary ?? stderr.trim().split('\n').at(-1);
  process.stderr.write(`not audited: the registry gave no answer (${reason})\n`);
} else {
  const found = Object.values(report.vulnerabilities).map(
    ({ name, severity, range }) => `${severity}: ${name} ${range}`,
  );
  process.stdout.write(`${found.join('\n') || 'no known vulnerabilities in what is shipped'}\n`);
  process.exitCode = status ?? 1;
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
