import { readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';

/** Linux counts processor time in hundredths of a second (`man 5 proc`, USER_HZ). */
const TICKS_PER_SECOND = 100;
/** Fields of `/proc/self/stat` behind the program's name: utime, stime, cutime and cstime. */
const TIMES = [11, 12, 13, 14];

/**
 * Writes the processor time of each test file to the file that SUITE_TIMES_FILE names, as JSON:
 * seconds by path. It counts this process with all its threads, and the processes that it
 * started and that have ended. For runs in band: one file at a time, all in this process. The
 * variable's name does not begin as ours do, because the command line warns of those it does not
 * know.
 */
export default class ProcessorTimeReporter {
  #seconds = {};
  #start = 0;

  onTestFileStart() {
    this.#start = processorSeconds();
  }

  onTestFileResult({ path, context }) {
    const seconds = processorSeconds() - this.#start;
    this.#seconds[relative(context.config.rootDir, path)] = Number(seconds.toFixed(2));
    writeFileSync(process.env.SUITE_TIMES_FILE, JSON.stringify(this.#seconds));
  }
}

function processorSeconds() {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return TIMES.reduce((sum, index) => sum + Number(fields[index]), 0) / TICKS_PER_SECOND;
}
