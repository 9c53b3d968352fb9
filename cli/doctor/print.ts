import { oneLine } from '../report-error.ts';
import type { Line } from './finding.ts';

const WIDEST_STATE = 7;
/** `lambda-concurrency` */
const WIDEST_CHECK = 18;
const GAP = '  ';
const INDENT = ' '.repeat(WIDEST_STATE + GAP.length + WIDEST_CHECK + GAP.length);

/** Makes the lines of text for one finding. */
export function lineText(line: Line): string {
  const head = [line.state.padEnd(WIDEST_STATE), line.check.padEnd(WIDEST_CHECK), ''].join(GAP);
  switch (line.state) {
    case 'sound':
      return `${head}${oneLine(line.found)}\n`;
    case 'skipped':
      return `${head}because ${oneLine(line.because)}\n`;
    default:
      return `${head}expected: ${oneLine(line.expected)}\n${INDENT}found: ${oneLine(line.found)}\n${INDENT}do: ${oneLine(line.cure)}\n`;
  }
}

/** Says in one line how many findings of each kind there are. */
export function summaryText(name: string, lines: readonly Line[]): string {
  const count = (state: Line['state']) => lines.filter((line) => line.state === state).length;
  const faults = count('fault');
  const verdict = faults === 0 ? 'is sound' : 'is not sound';
  return `${name} ${verdict}: faults ${faults}, warnings ${count('warning')}, skipped ${count('skipped')}\n`;
}
