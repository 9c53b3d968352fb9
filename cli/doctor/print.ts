import { oneLine } from '../report-error.ts';
import type { Line } from './finding.ts';
import { countUntried, hasFault } from './verdict.ts';

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
  return `${name} ${verdictText(lines)}: faults ${count('fault')}, warnings ${count('warning')}, skipped ${count('skipped')}\n`;
}

function verdictText(lines: readonly Line[]): string {
  if (hasFault(lines)) return 'is not sound';
  const untried = countUntried(lines);
  if (untried === 0) return 'is sound';
  return `has no fault that was found, but ${untried} ${untried === 1 ? 'check was' : 'checks were'} not tried`;
}
