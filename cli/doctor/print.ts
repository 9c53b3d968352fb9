import { oneLine } from '../report-error.ts';
import type { Line } from './examine.ts';

const WIDEST_CHECK = 14;

/** Makes the lines of text for one finding. */
export function lineText(line: Line): string {
  const head = `${line.state.padEnd(8)} ${line.check.padEnd(WIDEST_CHECK)}`;
  switch (line.state) {
    case 'sound':
      return `${head}  ${oneLine(line.found)}\n`;
    case 'skipped':
      return `${head}  because ${oneLine(line.because)}\n`;
    default:
      return `${head}  expected: ${oneLine(line.expected)}\n${INDENT}found: ${oneLine(line.found)}\n${INDENT}do: ${oneLine(line.cure)}\n`;
  }
}

const INDENT = ' '.repeat(8 + 1 + WIDEST_CHECK + 2);

/** Says in one line how many findings of each kind there are. */
export function summaryText(name: string, lines: readonly Line[]): string {
  const count = (state: Line['state']) => lines.filter((line) => line.state === state).length;
  const [faults, warnings, passed] = [count('fault'), count('warning'), count('skipped')];
  const counts = `${faults} faults, ${warnings} warnings, ${passed} skipped`;
  return `${name} is ${faults === 0 ? 'sound' : 'not sound'}: ${counts}\n`;
}
