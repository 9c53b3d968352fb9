import type { Deployment } from '../deployment/deployment.ts';
import type { Api } from './api.ts';
import type { Check, Visit } from './check.ts';
import { removal } from './checks/removal.ts';
import { checksFor } from './checks.ts';
import { type Finding, fault, skipped } from './finding.ts';
import { findingFromError } from './from-error.ts';
import { openTrial } from './trial.ts';

/** A finding, and the check that made it. */
export type Line = Finding & { readonly check: string };

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
  const visit = { ...options, deployment, trial: await openTrial() };
  try {
    for (const check of await checksFor(deployment.aws)) {
      const why = reasonToSkip(check, lines, interrupted);
      const until = AbortSignal.timeout(1000 * Math.max(seconds, check.seconds ?? 0));
      const signal = AbortSignal.any([interrupted, until]);
      note(check.name, why === null ? await runCheck(check, { ...visit, signal }, interrupted) : [skipped(why)]);
    }
  } finally {
    // Ctrl-C does not reach this: the picture must go.
    const signal = AbortSignal.timeout(1000 * seconds);
    note(removal.name, await runCheck(removal, { ...visit, signal }));
  }
  return lines;
}

function reasonToSkip({ needs = [] }: Check, lines: readonly Line[], interrupted: AbortSignal): string | null {
  if (interrupted.aborted) return INTERRUPTED;
  for (const name of needs) {
    const before = lines.filter(({ check }) => check === name);
    if (before.some(({ state }) => state === 'fault')) return `${name} has a fault`;
    if (before.length > 0 && before.every(({ state }) => state === 'skipped')) return `${name} was skipped`;
  }
  return null;
}

const INTERRUPTED = 'interrupted';

async function runCheck(check: Check, visit: Visit, interrupted?: AbortSignal): Promise<readonly Finding[]> {
  try {
    const findings = [await check.run(visit)].flat();
    return interrupted?.aborted ? [skipped(INTERRUPTED)] : findings;
  } catch (error) {
    if (interrupted?.aborted) return [skipped(INTERRUPTED)];
    if (visit.signal.aborted) return [tooSlow(check)];
    const finding = findingFromError(error, check);
    if (finding === null) throw error;
    return [finding];
  }
}

function tooSlow({ name }: Check): Finding {
  return fault({
    expected: `${name} answers in time`,
    found: 'no answer',
    cure: 'Check the network, and give it more time: --timeout SECONDS',
  });
}
