import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PROGRAM = `import { metrics } from './functions/log.ts';
for (const name of ['One', 'Two']) { metrics.addMetric(name, 'Count', 1); metrics.publishStoredMetrics(); }`;

/** Publishes two metrics, one after the other, and returns the dimensions of each. */
function dimensionsOf(variables: Record<string, string>): Record<string, unknown>[] {
  const { AUTOSWIFTNET_STACK: _, POWERTOOLS_METRICS_DISABLED: __, ...inherited } = process.env;
  const printed = execFileSync(
    process.execPath,
    ['--no-warnings', '--import', 'tsx', '--input-type=module', '-e', PROGRAM],
    {
      cwd: ROOT,
      encoding: 'utf8',
      env: { ...inherited, ...variables },
    },
  );
  return printed
    .trim()
    .split('\n')
    .map((line) => {
      const { _aws, ...fields } = JSON.parse(line);
      const [names] = _aws.CloudWatchMetrics[0].Dimensions as [string[]];
      return Object.fromEntries(names.map((name) => [name, fields[name]]));
    });
}

test('every metric of a deployment has the stack as a dimension', () => {
  expect(dimensionsOf({ AUTOSWIFTNET_STACK: 'Photos' })).toEqual([
    { service: 'autoswiftnet', stack: 'Photos' },
    { service: 'autoswiftnet', stack: 'Photos' },
  ]);
});

test('elsewhere there is no such dimension', () => {
  expect(dimensionsOf({})).toEqual([{ service: 'autoswiftnet' }, { service: 'autoswiftnet' }]);
});
