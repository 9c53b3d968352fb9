import { setMaxListeners } from 'node:events';
import type { Deployment } from '../deployment/deployment.ts';
import type { Api } from './api.ts';
import type { Check } from './check.ts';
import { removal } from './checks/removal.ts';
import { checksFor } from './checks.ts';
import { type Finding, type Line, untried } from './finding.ts';
import { runCheck } from './run-check.ts';
import { openTrial } from './trial.ts';

export interface ExamineOptions {
  readonly api: Api;
  /** Seconds that each check may take. */
  readonly seconds: number;
  /** Whether the heavy model is tried, too. */
  readonly heavy: boolean;
  /** Ctrl-C. What was made is removed nevertheless. */
  readonly interrupted: AbortSignal;
  /** Called with each line as soon as it is known. */
  readonly onLine: (line: Line) => void;
}

const INTERRUPTED = 'it was interrupted';

/** Runs all checks in order, and removes what they made. */
export async function examine(deployment: Deployment, options: ExamineOptions): Promise<Line[]> {
  const { interrupted, seconds, onLine } = options;
  const lines: Line[] = [];
  const note = (check: string, findings: readonly Finding[]) => {
    for (const finding of findings) {
      const line = { ...finding, check };
      lines.push(line);
      onLine(line);
    }
  };
  const visit = { ...options, deployment, trial: await openTrial(deployment.aws?.watched) };
  try {
    for (const check of await checksFor(deployment.aws)) {
      const why = interrupted.aborted ? INTERRUPTED : reasonToSkip(check, lines);
      const signal = AbortSignal.any([interrupted, timeout(Math.max(seconds, check.seconds ?? 0))]);
      // A check may send any number of requests side by side, and each listens.
      setMaxListeners(0, signal);
      const findings = why === null ? await runCheck(check, { ...visit, signal }) : [untried(why)];
      note(check.name, interrupted.aborted ? [untried(INTERRUPTED)] : findings);
    }
  } finally {
    // Ctrl-C does not reach this: the picture must go.
    note(removal.name, await runCheck(removal, { ...visit, signal: timeout(seconds) }));
  }
  return lines;
}

function timeout(seconds: number): AbortSignal {
  return AbortSignal.timeout(1000 * seconds);
}

function reasonToSkip({ needs = [], unlessFault = [] }: Check, lines: readonly Line[]): string | null {
  for (const name of [...needs, ...unlessFault]) {
    if (lines.some(({ check, state }) => check === name && state === 'fault')) return `${name} has a fault`;
  }
  const missing = needs.find((name) => !lines.some(({ check, state }) => check === name && state === 'sound'));
  return missing === undefined ? null : `${missing} did not succeed`;
}
