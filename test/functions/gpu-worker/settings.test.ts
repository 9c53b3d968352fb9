import { availableParallelism } from 'node:os';
import { ConfigurationError } from '../../../functions/errors.ts';
import {
  defaultHandlers,
  gpuWorkerEnvironmentSchema,
  readWorkerSettings,
} from '../../../functions/gpu-worker/settings.ts';

const REQUIRED = {
  AUTOSWIFTNET_HEAVY_MODEL: 'heavy',
  AUTOSWIFTNET_HEAVY_QUEUE_URL: 'http://127.0.0.1:4100/000000000000/autoswiftnet-heavy',
  AUTOSWIFTNET_TABLE: 'autoswiftnet',
  AUTOSWIFTNET_SERVICE_BUCKET: 'autoswiftnet-service',
  AUTOSWIFTNET_RESULTS_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:autoswiftnet-results',
};

test('variables without a default must be set, also the queue, and one error names all that are missing', () => {
  expect(readWorkerSettings(REQUIRED)).toMatchObject({ models: ['heavy'], threads: availableParallelism() });
  expect(() => readWorkerSettings({})).toThrow(ConfigurationError);
  expect(() => readWorkerSettings({})).toThrow(
    /AUTOSWIFTNET_TABLE.*AUTOSWIFTNET_RESULTS_TOPIC_ARN.*AUTOSWIFTNET_HEAVY_QUEUE_URL is not set, expected the URL of the heavy queue/,
  );
});

test('the models that it serves: the first, the further ones, and those with a package in the settings, each once', () => {
  const settings = readWorkerSettings({
    ...REQUIRED,
    AUTOSWIFTNET_HEAVY_MODELS: 'other,heavy',
    AUTOSWIFTNET_HEAVY_PACKAGES: '{"placed":"/srv/placed","other":"/srv/other"}',
    AUTOSWIFTNET_THREADS: '3',
  });

  expect(settings).toMatchObject({ models: ['heavy', 'other', 'placed'], threads: 3 });
});

test('without any model it is an error', () => {
  expect(() => readWorkerSettings({ ...REQUIRED, AUTOSWIFTNET_HEAVY_MODEL: '' })).toThrow(
    'AUTOSWIFTNET_HEAVY_MODEL is not set',
  );
});

test('it reads only the variables that it needs; the watched bucket is not among them, because messages name it', () => {
  expect(Object.keys(gpuWorkerEnvironmentSchema.shape)).not.toContain('AUTOSWIFTNET_BUCKET');
});

test.each([
  ['cpu', 16, 1],
  ['cuda', 16, 8],
  ['cuda', 3, 2],
  ['tensorrt', 1, 1],
] as const)('by default, %s on %i cores has %i processes that handle messages', (provider, cores, count) => {
  expect(defaultHandlers([provider, 'cpu'], cores)).toBe(count);
});

test('a setting decides how many processes handle messages', () => {
  expect(readWorkerSettings({ ...REQUIRED, AUTOSWIFTNET_HANDLERS: '3' })).toMatchObject({ handlers: 3 });
  expect(() => readWorkerSettings({ ...REQUIRED, AUTOSWIFTNET_HANDLERS: '0' })).toThrow(
    /AUTOSWIFTNET_HANDLERS.+1 to 64/,
  );
});
