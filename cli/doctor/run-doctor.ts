import { VERSION } from '../../functions/api/version.ts';
import { EXIT_CLOSED_OUTPUT, onClosedOutput } from '../closed-output.ts';
import { closeDeployment, type Deployment } from '../deployment/deployment.ts';
import { type DeploymentOptions, findDeployment } from '../deployment/find-deployment.ts';
import { EXIT_CODES } from '../exit-on-signals.ts';
import { openApi } from './api.ts';
import { examine } from './examine.ts';
import { type Line, untried } from './finding.ts';
import { findingFromError } from './from-error.ts';
import { lineText, summaryText } from './print.ts';
import { hasFault, isSound } from './verdict.ts';

export interface DoctorOptions extends DeploymentOptions {
  /** A bearer token for the API. */
  readonly token?: string;
  readonly heavy?: true;
  /** Seconds for each check. */
  readonly timeout: number;
  readonly json?: true;
}

/** What finds the deployment; the other checks need it. */
const FIND = {
  name: 'deployment',
  actions: ['cloudformation:DescribeStacks', 'cloudformation:ListStackResources'],
};

/**
 * Examines a deployment and prints what it finds.
 * @returns the exit code: 0, 1 if there is a fault, or that of what ended it: a signal, or a reader
 * that is gone
 */
export async function runDoctor(options: DoctorOptions): Promise<number> {
  const interrupted = new AbortController();
  const interruption = watchForInterruption(interrupted);
  const name = options.stack === undefined ? 'the local stack' : `the stack ${options.stack}`;
  const print = options.json ? () => {} : (line: Line) => process.stdout.write(lineText(line));
  const found = await find(options, interrupted.signal);
  const lines = 'clients' in found ? await examineAll(found, options, interrupted.signal, print) : [found];
  if (!('clients' in found)) print(found);
  process.stdout.write(options.json ? jsonText(name, lines) : summaryText(name, lines));
  return interruption.exitCode() ?? (hasFault(lines) ? 1 : 0);
}

/** @returns the deployment, or why it cannot be found */
async function find(options: DoctorOptions, interrupted: AbortSignal): Promise<Deployment | Line> {
  try {
    return await findDeployment(options, { seconds: options.timeout, interrupted });
  } catch (error) {
    if (interrupted.aborted) return { check: FIND.name, ...untried('it was interrupted') };
    const finding = findingFromError(error, FIND);
    if (finding === null) throw error;
    return { check: FIND.name, ...finding, state: 'fault' };
  }
}

async function examineAll(
  deployment: Deployment,
  { token, timeout, heavy }: DoctorOptions,
  interrupted: AbortSignal,
  onLine: (line: Line) => void,
): Promise<Line[]> {
  const api = openApi(deployment.apiUrl, token);
  try {
    return await examine(deployment, { api, seconds: timeout, heavy: heavy === true, interrupted, onLine });
  } finally {
    closeDeployment(deployment);
  }
}

function jsonText(deployment: string, checks: readonly Line[]): string {
  return `${JSON.stringify({ deployment, version: VERSION, isSound: isSound(checks), checks })}\n`;
}

/**
 * A signal ends the checks but not the removal, and so does a reader that is gone. A second signal
 * ends the process at once.
 */
function watchForInterruption(controller: AbortController): { exitCode(): number | null } {
  let code: number | null = null;
  let isSignalled = false;
  const interrupt = (exitCode: number): void => {
    if (code !== null) return;
    code = exitCode;
    process.stderr.write('stopping; what was made is being removed\n');
    controller.abort();
  };
  for (const [signal, exitCode] of Object.entries(EXIT_CODES)) {
    process.on(signal, () => {
      if (isSignalled) process.exit(exitCode);
      isSignalled = true;
      interrupt(exitCode);
    });
  }
  onClosedOutput(() => interrupt(EXIT_CLOSED_OUTPUT));
  return { exitCode: () => code };
}
