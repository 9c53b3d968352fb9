import { exitOnSignals } from './exit-on-signals.ts';
import { oneLine } from './report-error.ts';

/** Commands that need no settings. */
const WITHOUT_SETTINGS = ['help'];

/** Commands that end in their own way when they are interrupted. `backfill start` does not. */
const OWN_SIGNALS = ['start', 'doctor'];

/**
 * Runs before every command: checks the settings, so that a wrong one is told before a model is
 * opened, names variables that have no effect, and turns to the proxy of the environment.
 * @param command with the commands that it belongs to, such as `models fetch`
 * @throws {ConfigurationError} naming every variable that is wrong
 */
export async function prepare(command: string): Promise<void> {
  if (WITHOUT_SETTINGS.includes(command)) return;
  if (!OWN_SIGNALS.includes(command)) exitOnSignals();
  // The SDK prints which Node version it will require next year. That notice is for developers
  // only.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const [{ readSettings }, { unknownVariables }, { useProxy }] = await Promise.all([
    import('./settings.ts'),
    import('./unknown-variables.ts'),
    import('./use-proxy.ts'),
  ]);
  readSettings();
  await useProxy(process.env);
  for (const text of await unknownVariables(process.env)) process.stderr.write(`warning: ${oneLine(text)}\n`);
}
