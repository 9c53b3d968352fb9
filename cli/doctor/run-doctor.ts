import { VERSION } from '../../functions/api/version.ts';
import { closeDeployment } from '../deployment/deployment.ts';
import { type DeploymentOptions, findDeployment } from '../deployment/find-deployment.ts';
import { EXIT_CODES } from '../exit-on-signals.ts';
import { openApi } from './api.ts';
import { examine, type Line } from './examine.ts';
import { lineText, summaryText } from './print.ts';

export interface DoctorOptions extends DeploymentOptions {
  readonly token?: string;
  readonly heavy?: true;
  /** Seconds. */
  readonly timeout: number;
  readonly json?: true;
}

/**
 * Examines a deployment and prints what it finds.
 * @returns the exit code: 1 if there is a fault
 */
export async function runDoctor(options: DoctorOptions): Promise<number> {
  const interrupted = new AbortController();
  const signals = interruptOnSignals(interrupted);
  const deployment = await findDeployment(
    options,
    AbortSignal.any([interrupted.signal, AbortSignal.timeout(1000 * options.timeout)]),
  );
  try {
    const lines = await examine(deployment, {
      api: openApi(deployment.apiUrl, options.token),
      seconds: options.timeout,
      heavy: options.heavy ?? false,
      interrupted: interrupted.signal,
      onLine: options.json ? () => {} : (line) => process.stdout.write(lineText(line)),
    });
    process.stdout.write(options.json ? jsonText(deployment.name, lines) : summaryText(deployment.name, lines));
    return signals.received() ?? (lines.some(({ state }) => state === 'fault') ? 1 : 0);
  } finally {
    closeDeployment(deployment);
  }
}

function jsonText(name: string, checks: readonly Line[]): string {
  const isSound = checks.every(({ state }) => state !== 'fault');
  return `${JSON.stringify({ deployment: name, version: VERSION, isSound, checks })}\n`;
}

/** The first signal ends the checks but not the removal. The second ends the process at once. */
function interruptOnSignals(controller: AbortController): { received(): number | null } {
  let code: number | null = null;
  for (const [signal, exitCode] of Object.entries(EXIT_CODES)) {
    process.on(signal, () => {
      if (code !== null) process.exit(exitCode);
      code = exitCode;
      process.stderr.write('stopping; what was uploaded is being removed\n');
      controller.abort();
    });
  }
  return { received: () => code };
}
