import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { synthesizedFolder } from '../assemblies.ts';

/** Limit for one process that synthesizes all configurations and apps, on two busy cores. */
const SYNTH_TIMEOUT_MS = 300_000;

let refusals: Record<string, string>;

beforeAll(() => {
  refusals = JSON.parse(readFileSync(join(synthesizedFolder(), 'refusals.json'), 'utf8'));
}, SYNTH_TIMEOUT_MS);

test.each([
  ['wildcard', 'the prefix of a watched bucket is "scans-*/", but it cannot have *'],
  ['outOfRange', 'the prop memoryMb of AutoSwiftNet must be a whole number from 256 to 10240, but it is 64'],
  ['littleMemory', 'memoryMb is 512, but sample needs at least'],
  ['foreignVersions', 'noncurrentDays applies only to a bucket that this stack creates'],
  ['halfDomain', 'domainName and certificate belong together'],
  ['halfLogin', 'jwtIssuer and jwtAudience belong together'],
  ['noModel', 'HeavyModels has no model: give at least one package'],
  ['twoHeavy', 'Refused/Tagging has heavy models already'],
  ['outputPrefix', 'the prop outputPrefix of AutoSwiftNet must have letters and digits only, but it is "my-photos"'],
  ['pageWithoutLogin', 'Page needs an issuer where users can sign in'],
])('the constructs refuse %s with an error of the configuration', (name, message) => {
  expect(refusals[name]).toContain(`ConfigurationError: ${message}`);
});
