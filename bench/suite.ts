/**
 * Measures the processor time of each test file: of the test itself, with all its threads and the
 * processes that it starts. Unlike the time that a run takes, it hardly depends on what else the
 * machine does. The files run one after the other in one process. Chromium ends some of its
 * processes without waiting for them, and those are not counted: two fifths of page.test's time.
 *
 *   node --import tsx bench/suite.ts [PATH…]
 *
 * Without a path all files run, and the results are bench/results/suite.json. Linux only.
 */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { report } from './report.ts';

const REPORTERS = ['./bench/suite-reporter.js', './test/summary-reporter.js'];

const paths = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-suite-'));
try {
  const times = join(folder, 'times.json');
  const reporters = REPORTERS.map((path) => `--reporters=${path}`);
  const { status } = spawnSync('npm', ['test', '--', ...paths, '--runInBand', '--silent', ...reporters], {
    env: { ...process.env, SUITE_TIMES_FILE: times },
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`npm test failed with exit code ${status}, so nothing is measured.`);
  const seconds: Record<string, number> = JSON.parse(await readFile(times, 'utf8'));
  const rows = Object.entries(seconds)
    .map(([file, processorSeconds]) => ({ file, processorSeconds }))
    .sort((one, other) => other.processorSeconds - one.processorSeconds);
  const sum = rows.reduce((total, { processorSeconds }) => total + processorSeconds, 0);
  console.log(`${rows.length} files, ${sum.toFixed(0)} s of processor time`);
  if (paths.length === 0) await report('suite', rows);
  else console.table(rows);
} finally {
  await rm(folder, { recursive: true, force: true });
}
