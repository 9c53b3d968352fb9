import type { Check, Visit } from './check.ts';
import { type Finding, fault } from './finding.ts';
import { findingFromError } from './from-error.ts';

/**
 * Runs one check. An error becomes a finding, unless it is a bug of ours.
 * @throws errors that are bugs
 */
export async function runCheck(check: Check, visit: Visit): Promise<readonly Finding[]> {
  try {
    return [await check.run(visit)].flat();
  } catch (error) {
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
