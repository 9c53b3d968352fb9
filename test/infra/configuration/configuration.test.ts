import { ConfigurationError } from '../../../functions/errors.ts';
import { readConfiguration } from '../../../infra/configuration/configuration.ts';

test('without any key, all defaults apply', () => {
  expect(readConfiguration({})).toMatchObject({
    architecture: 'arm64',
    memoryMb: 1769,
    gpu: true,
    page: false,
    network: 'public',
    keepData: true,
  });
});

test('text from the command line is converted to the type of the key; empty text and CDK flags are ignored', () => {
  const configuration = readConfiguration({
    gpu: 'false',
    memoryMb: '2048',
    tagThreshold: '0.25',
    tagConcept: 'true',
    corsOrigins: 'https://a.example, https://b.example',
    modelRules: '{"scans/":"auto"}',
    bucket: '',
    '@aws-cdk/core:anything': true,
    'aws:cdk:bundling-stacks': ['**'],
  });

  expect(configuration).toMatchObject({
    gpu: false,
    memoryMb: 2048,
    tagThreshold: 0.25,
    tagConcept: true,
    conceptThreshold: 0.8,
    corsOrigins: ['https://a.example', 'https://b.example'],
    modelRules: { 'scans/': 'auto' },
  });
  expect(configuration.bucket).toBeUndefined();
});

test.each([
  [
    'a key that does not exist',
    { memory: 512 },
    /unknown configuration key memory\. Remove it .* or use one of stackName, /,
  ],
  [
    'a word for a flag',
    { gpu: 'no' },
    /key gpu must be true or false, but it is "no"\. Change it in cdk.json, or pass -c gpu=…\./,
  ],
  ['another architecture', { architecture: 'x86_64' }, /architecture must be one of arm64, x64, but it is "x86_64"/],
  ['too little memory', { memoryMb: 128 }, /memoryMb must be a whole number from 256 to 10240, but it is 128/],
  ['half a megabyte', { memoryMb: 512.5 }, /memoryMb must be a whole number/],
  ['a share above 1', { tagThreshold: 2 }, /tagThreshold must be a number from 0 to 1, but it is 2/],
  ['days that CloudWatch does not have', { logRetentionDays: 31 }, /logRetentionDays must be one of 1, 3, 5/],
  ['a folder as model', { model: '../../etc' }, /model must be the name of a model package's folder/],
  [
    'an existing bucket and the lifecycle of a new one',
    { bucket: 'mine', noncurrentDays: 3 },
    /bucket names the existing bucket mine\. Remove noncurrentDays, or remove bucket/,
  ],
  ['an origin with a path', { corsOrigins: 'https://a.example/x' }, /corsOrigins must be a list of origins such as/],
  ['an origin with two stars', { corsOrigins: 'https://*.*.example' }, /each with at most one \*/],
  [
    'a page without an issuer',
    { page: true },
    /page needs an issuer where users can sign in\. Set jwtIssuer and jwtAudience/,
  ],
  ['an issuer without an audience', { jwtIssuer: 'https://id.example' }, /jwtIssuer and jwtAudience belong together/],
  [
    'a domain without a certificate',
    { domainName: 'api.example.org' },
    /domainName and certificateArn belong together/,
  ],
  ['a hosted zone without a domain', { hostedZoneId: 'Z1' }, /hostedZoneId .* Set domainName and certificateArn/],
  [
    'a GPU that has no CUDA here',
    { gpuInstanceTypes: ['g5g.xlarge'] },
    /g5g.xlarge has arm64 processors, .* Use types of g4dn, g5, g6, /,
  ],
  ['a GPU of AMD', { gpuInstanceTypes: 'g6.xlarge,g4ad.xlarge' }, /g4ad.xlarge has GPUs of AMD, .* Use types of g4dn/],
  ['a GPU too old for CUDA', { gpuInstanceTypes: 'p3.*' }, /p3.\* has GPUs that are too old for CUDA 13/],
  ['a machine without a GPU', { gpuInstanceTypes: 'm7i.xlarge' }, /m7i.xlarge has no NVIDIA GPU .* Use types of g4dn/],
  ['a family whose name only begins like one', { gpuInstanceTypes: 'g6x.xlarge' }, /g6x.xlarge has no NVIDIA GPU/],
  [
    'a batch that SQS does not hand over at once',
    { tagBatchSize: 11 },
    /tagBatchSize is 11, .* Set tagBatchWindowSeconds to at least 1, or tagBatchSize to at most 10/,
  ],
  [
    'more instances that are always started than may run',
    { apiConcurrency: 2, apiProvisionedConcurrency: 3 },
    /apiProvisionedConcurrency is 3, .* Set apiProvisionedConcurrency to at most 2, or raise or remove apiConcurrency/,
  ],
  [
    'a canary with instances that are always started',
    { deployment: 'canary', apiProvisionedConcurrency: 2 },
    /deployment is canary, but apiProvisionedConcurrency is 2, .* Set deployment to all-at-once, or apiProvisionedConcurrency to 0/,
  ],
  ['another way to deploy', { deployment: 'linear' }, /deployment must be one of all-at-once, canary/],
  ['no JSON for rules', { modelRules: 'scans=auto' }, /modelRules must be an object from key prefixes to model names/],
])('%s is refused in one line', (_name, context, message) => {
  const reading = () => readConfiguration(context);

  expect(reading).toThrow(ConfigurationError);
  expect(reading).toThrow(message);
  expect(reading).toThrow(/^[^\n]*\.$/);
});
