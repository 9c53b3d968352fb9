import { availableParallelism } from 'node:os';
import { ConfigurationError } from '../../../functions/errors.ts';
import { gpuWorkerEnvironmentSchema, readWorkerSettings } from '../../../functions/gpu-worker/settings.ts';

const REQUIRED = {
  AUTOSWIFTNET_HEAVY_MODEL: 'heavy',
  AUTOSWIFTNET_HEAVY_QUEUE_URL: 'http://127.0.0.1:4100/000000000000/autoswiftnet-heavy',
  AUTOSWIFTNET_TABLE: 'autoswiftnet',
  AUTOSWIFTNET_RESULTS_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:autoswiftnet-results',
};

test('what has no default must be set, the queue among it, and all that is missing is named at once', () => {
  expect(readWorkerSettings(REQUIRED)).toMatchObject({ models: ['heavy'], threads: availableParallelism() });
  expect(() => readWorkerSettings({})).toThrow(ConfigurationError);
  expect(() => readWorkerSettings({})).toThrow(
    /AUTOSWIFTNET_TABLE.*AUTOSWIFTNET_RESULTS_TOPIC_ARN.*AUTOSWIFTNET_HEAVY_QUEUE_URL is not set, expected the URL of the heavy queue/,
  );
});

test('the models that it serves: the first, the further ones, and those that have a place, each once', () => {
  const settings = readWorkerSettings({
    ...REQUIRED,
    AUTOSWIFTNET_HEAVY_MODELS: 'other,heavy',
    AUTOSWIFTNET_HEAVY_PACKAGES: '{"placed":"/srv/placed","other":"/srv/other"}',
    AUTOSWIFTNET_THREADS: '3',
  });

  expect(settings).toMatchObject({ models: ['heavy', 'other', 'placed'], threads: 3 });
});

test('without any model there is nothing to serve', () => {
  expect(() => readWorkerSettings({ ...REQUIRED, AUTOSWIFTNET_HEAVY_MODEL: '' })).toThrow(
    'AUTOSWIFTNET_HEAVY_MODEL is not set',
  );
});

test('it reads what it needs of the environment, and of the buckets nothing: messages name them', () => {
  expect(Object.keys(gpuWorkerEnvironmentSchema.shape)).not.toContain('AUTOSWIFTNET_BUCKET');
});
