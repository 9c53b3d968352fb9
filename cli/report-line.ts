import type { FunctionReport } from '../local/function-log.ts';
import { oneLine } from './report-error.ts';

/**
 * Makes one terminal line from a report of the local stack.
 * @example tagged    daisy.jpg  daisy 0.998  31 ms
 */
export function reportLine(report: FunctionReport): string {
  return oneLine(columnsOf(report).join('  '));
}

/**
 * Tells whether a report may come from nothing but the end of the stack: work that is cut off is no
 * fault, and continues at the next start.
 */
export function isInterruption({ kind }: FunctionReport): boolean {
  return kind === 'fault' || kind === 'failed';
}

function columnsOf(report: FunctionReport): string[] {
  switch (report.kind) {
    case 'tagged':
      return ['tagged  ', report.key, `${report.label} ${report.confidence.toFixed(3)}`, milliseconds(report.ms)];
    case 'rejected':
      return ['rejected', report.key, report.reason];
    case 'failed':
      return ['failed  ', report.key, report.reason];
    case 'deleted':
      return ['deleted ', report.key];
    case 'forwarded':
      return ['heavy   ', report.key, `sent to ${report.model}`];
    case 'job':
      return ['job     ', report.id, report.text, milliseconds(report.ms)];
    case 'notice':
      return ['notice  ', report.text];
    case 'fault':
      return [
        report.level === 'error' ? 'error   ' : 'warning ',
        ...(report.key === null ? [] : [report.key]),
        report.text,
      ];
  }
}

function milliseconds(ms: number): string {
  return `${Math.round(ms)} ms`;
}
