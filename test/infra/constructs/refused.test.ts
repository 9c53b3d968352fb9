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
  ['overlap', 'Refused/Theirs is watched already with {"prefix":"a/","suffix":""}, and {"prefix":"a/b/","suffix":""}'],
  ['sourceTypo', 'the source of a watched bucket must be notifications or event-bridge, but it is "eventbridge"'],
  ['watchTypo', 'a watched bucket has no option prefx. Use prefix, suffix, source.'],
  ['watchText', 'what is watched must be an object such as { prefix: \'photos/\' }, but it is "b/"'],
  ['bucketText', 'the prop bucket of AutoSwiftNet must be a bucket of the CDK, such as Bucket.fromBucketName('],
  ['keyText', 'the prop encryptionKey of AutoSwiftNet must be a key of the CDK'],
  ['modelText', 'the prop model of AutoSwiftNet must be a ModelPackage'],
  ['noService', 'the prop service of HttpApi must be an AutoSwiftNet'],
  ['noProps', 'the prop service of Backfill must be an AutoSwiftNet'],
  ['wrongService', 'the prop service of HttpApi must be an AutoSwiftNet'],
  [
    'wrongApi',
    "the prop api of Page must be an HttpApi, such as new HttpApi(this, 'Api', { service }), but it is an object of the class AutoSwiftNet",
  ],
  ['noImage', 'the prop image of HeavyModels must be a WorkerImage, such as WorkerImage.prebuilt(), but it is missing'],
  ['twice', 'the prop models of HeavyModels has sample twice'],
  [
    'unknownRule',
    'modelRules has "big" for keys that begin with "a/", and there is no such model. Use one of auto, sample',
  ],
  ['subnetsAlone', 'subnets selects from the subnets of vpc'],
  ['twoNetworks', 'network is about a network that is created, and vpc is one of your own'],
  [
    'otherApi',
    'the prop api of Monitoring must be an HttpApi of Refused/Its, but Refused/Api is of another AutoSwiftNet',
  ],
  ['objectForText', 'the prop inventoryBucket of Backfill must be'],
  ['folderNumber', "ModelPackage.fromFolder takes the path of a package's folder"],
  ['pageWithoutLogin', 'Page needs an issuer where users can sign in'],
  [
    'tableKeys',
    [
      'the table Refused/Keys for the records needs the keys pk (S), sk (S), but it has id (S).',
      'the table Refused/Keys for the records needs the index byLabel with the keys labelShard (S), probability (N) and the projection ALL, but it has the index byLabel with the keys id (S) and the projection ALL.',
      'the table Refused/Keys for the records needs the index byLastModified with the keys bucketShard (S), lastModified (S) and the projection KEYS_ONLY. Add it by addGlobalSecondaryIndex.',
    ].join('\n'),
  ],
])('the constructs refuse %s with an error of the configuration', (name, message) => {
  expect(refusals[name]).toContain(`ConfigurationError: ${message}`);
});
