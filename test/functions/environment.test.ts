import * as z from 'zod';
import { DEFAULT_MAX_BYTES, DEFAULT_MAX_PIXELS } from '../../classifier/decode/limits.ts';
import {
  DEFAULT_BATCH_SIZE,
  DEFAULT_BATCH_WAIT_MS,
  DEFAULT_CASCADE_THRESHOLD,
  DEFAULT_INDEX_THRESHOLD,
  DEFAULT_MODEL_MEMORY_MB,
  DEFAULT_RETRY_SECONDS,
  DEFAULT_SMALL_MODEL,
  DEFAULT_STOP_SECONDS,
  DEFAULT_TAG_LABELS,
  DEFAULT_TAG_THRESHOLD,
  DEFAULT_VISIBILITY_SECONDS,
  DEFAULT_WORKER_PORT,
  type EnvironmentName,
  environmentSchema,
  readEnvironment,
} from '../../functions/environment.ts';
import { ConfigurationError } from '../../functions/errors.ts';

const REQUIRED = {
  AUTOSWIFTNET_TABLE: 'autoswiftnet',
  AUTOSWIFTNET_BUCKET: 'autoswiftnet-uploads',
  AUTOSWIFTNET_SERVICE_BUCKET: 'autoswiftnet-service',
  AUTOSWIFTNET_RESULTS_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:autoswiftnet-results',
  AUTOSWIFTNET_TAGGING_FUNCTION: 'autoswiftnet-tag-upload',
  AUTOSWIFTNET_PARKED_QUEUE_URL: 'http://127.0.0.1:3002/000000000000/autoswiftnet-uploads-parked',
};

const only = (name: EnvironmentName) => z.object({ [name]: environmentSchema.shape[name] });

test('only variables without a default must be set', () => {
  expect(readEnvironment(environmentSchema, REQUIRED)).toEqual({
    ...REQUIRED,
    AUTOSWIFTNET_MODELS: 'models/cache',
    AUTOSWIFTNET_MODEL: DEFAULT_SMALL_MODEL,
    AUTOSWIFTNET_HEAVY_MODEL: null,
    AUTOSWIFTNET_HEAVY_MODELS: [],
    AUTOSWIFTNET_MODEL_RULES: {},
    AUTOSWIFTNET_CASCADE_THRESHOLD: DEFAULT_CASCADE_THRESHOLD,
    AUTOSWIFTNET_HEAVY_QUEUE_URL: null,
    AUTOSWIFTNET_TAG_LABELS: DEFAULT_TAG_LABELS,
    AUTOSWIFTNET_TAG_THRESHOLD: DEFAULT_TAG_THRESHOLD,
    AUTOSWIFTNET_INDEX_THRESHOLD: DEFAULT_INDEX_THRESHOLD,
    AUTOSWIFTNET_CONCEPT_THRESHOLD: 0.8,
    AUTOSWIFTNET_TAG_CONCEPT: false,
    AUTOSWIFTNET_MAX_IMAGE_BYTES: DEFAULT_MAX_BYTES,
    AUTOSWIFTNET_MAX_IMAGE_PIXELS: DEFAULT_MAX_PIXELS,
    AUTOSWIFTNET_HEIC: true,
    AUTOSWIFTNET_CORS_ORIGINS: [],
    AUTOSWIFTNET_OIDC_ISSUER: null,
    AUTOSWIFTNET_OIDC_CLIENT_ID: null,
    AUTOSWIFTNET_OIDC_AUDIENCE: null,
    AUTOSWIFTNET_OIDC_TOKEN_URL: null,
    AUTOSWIFTNET_HEAVY_PACKAGES: {},
    AUTOSWIFTNET_MODEL_CACHE: expect.stringMatching(/autoswiftnet-models$/),
    AUTOSWIFTNET_PROVIDERS: ['cpu'],
    AUTOSWIFTNET_THREADS: null,
    AUTOSWIFTNET_WATCHED: null,
    AUTOSWIFTNET_HANDLERS: null,
    AUTOSWIFTNET_BATCH_SIZE: DEFAULT_BATCH_SIZE,
    AUTOSWIFTNET_BATCH_WAIT_MS: DEFAULT_BATCH_WAIT_MS,
    AUTOSWIFTNET_MODEL_MEMORY_MB: DEFAULT_MODEL_MEMORY_MB,
    AUTOSWIFTNET_WORKER_PORT: DEFAULT_WORKER_PORT,
    AUTOSWIFTNET_WORKER_PORT_FILE: null,
    AUTOSWIFTNET_STACK: null,
    AUTOSWIFTNET_GPU_CLUSTER: null,
    AUTOSWIFTNET_GPU_SERVICE: null,
    AUTOSWIFTNET_GPU_HOURS_PER_DAY: null,
    AUTOSWIFTNET_STOP_SECONDS: DEFAULT_STOP_SECONDS,
    AUTOSWIFTNET_VISIBILITY_SECONDS: DEFAULT_VISIBILITY_SECONDS,
    AUTOSWIFTNET_RETRY_SECONDS: DEFAULT_RETRY_SECONDS,
    AUTOSWIFTNET_OFFLINE: false,
  });
});

test('every variable can be set', () => {
  const variables = {
    ...REQUIRED,
    AUTOSWIFTNET_MODELS: '/srv/models',
    AUTOSWIFTNET_MODEL: 'resnet18_ssl.int8',
    AUTOSWIFTNET_HEAVY_MODEL: 'resnext101_32x8d_swsl',
    AUTOSWIFTNET_HEAVY_QUEUE_URL: 'http://127.0.0.1:4100/000000000000/autoswiftnet-heavy',
    AUTOSWIFTNET_STACK: 'Photos',
    AUTOSWIFTNET_GPU_CLUSTER: 'cluster',
    AUTOSWIFTNET_GPU_SERVICE: 'heavy',
    AUTOSWIFTNET_WORKER_PORT_FILE: '/tmp/port',
    AUTOSWIFTNET_OIDC_ISSUER: 'https://id.example.com',
    AUTOSWIFTNET_OIDC_CLIENT_ID: 'page',
    AUTOSWIFTNET_OIDC_AUDIENCE: 'api',
    AUTOSWIFTNET_OIDC_TOKEN_URL: 'https://login.example.com/token',
  };
  const numbers = {
    AUTOSWIFTNET_CASCADE_THRESHOLD: 0.75,
    AUTOSWIFTNET_TAG_LABELS: 3,
    AUTOSWIFTNET_TAG_THRESHOLD: 0.25,
    AUTOSWIFTNET_INDEX_THRESHOLD: 1,
    AUTOSWIFTNET_CONCEPT_THRESHOLD: 0.95,
    AUTOSWIFTNET_MAX_IMAGE_BYTES: 1000,
    AUTOSWIFTNET_MAX_IMAGE_PIXELS: 2000,
    AUTOSWIFTNET_THREADS: 4,
    AUTOSWIFTNET_HANDLERS: 3,
    AUTOSWIFTNET_BATCH_SIZE: 8,
    AUTOSWIFTNET_BATCH_WAIT_MS: 0,
    AUTOSWIFTNET_MODEL_MEMORY_MB: 100,
    AUTOSWIFTNET_WORKER_PORT: 0,
    AUTOSWIFTNET_GPU_HOURS_PER_DAY: 8,
    AUTOSWIFTNET_STOP_SECONDS: 110,
    AUTOSWIFTNET_VISIBILITY_SECONDS: 30,
    AUTOSWIFTNET_RETRY_SECONDS: 0,
  };
  const texts = Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, String(value)]));

  const file = { url: 's3://assets/a/b.bin', sha256: 'a'.repeat(64) };
  const packages = {
    'resnext101_32x8d_swsl.fp16': { 'model.json': file, 'model.onnx': file, 'weights.bin': file },
    'mine.fp16': {
      'model.json': file,
      'model.onnx': file,
      'model.cuda.onnx': file,
      'weights.bin': file,
      'hierarchy.json': file,
    },
    mine: '/srv/models/mine',
  };
  const others = {
    AUTOSWIFTNET_HEAVY_MODELS: 'resnext101_32x4d_swsl, mine.fp16',
    AUTOSWIFTNET_MODEL_RULES: '{"scans/":"auto"}',
    AUTOSWIFTNET_HEAVY_PACKAGES: JSON.stringify(packages),
    AUTOSWIFTNET_WATCHED: '[{"bucket":"scans","prefix":"in/","suffix":""}]',
    AUTOSWIFTNET_MODEL_CACHE: '/var/cache/models',
    AUTOSWIFTNET_PROVIDERS: 'cuda, cpu',
    AUTOSWIFTNET_CORS_ORIGINS: 'https://a.example, https://*.b.example',
    AUTOSWIFTNET_HEIC: '0',
    AUTOSWIFTNET_TAG_CONCEPT: '1',
    AUTOSWIFTNET_OFFLINE: '1',
  };

  expect(readEnvironment(environmentSchema, { ...variables, ...texts, ...others })).toEqual({
    ...variables,
    ...numbers,
    AUTOSWIFTNET_HEAVY_MODELS: ['resnext101_32x4d_swsl', 'mine.fp16'],
    AUTOSWIFTNET_MODEL_RULES: { 'scans/': 'auto' },
    AUTOSWIFTNET_HEAVY_PACKAGES: packages,
    AUTOSWIFTNET_WATCHED: [{ bucket: 'scans', prefix: 'in/', suffix: '' }],
    AUTOSWIFTNET_HEIC: false,
    AUTOSWIFTNET_TAG_CONCEPT: true,
    AUTOSWIFTNET_MODEL_CACHE: '/var/cache/models',
    AUTOSWIFTNET_PROVIDERS: ['cuda', 'cpu'],
    AUTOSWIFTNET_CORS_ORIGINS: ['https://a.example', 'https://*.b.example'],
    AUTOSWIFTNET_OFFLINE: true,
  });
});

test('in Lambda models are where layers are, unless said otherwise', () => {
  const schema = only('AUTOSWIFTNET_MODELS');

  expect(readEnvironment(schema, { AWS_LAMBDA_FUNCTION_NAME: 'f' })).toEqual({ AUTOSWIFTNET_MODELS: '/opt/models' });
  expect(readEnvironment(schema, { AWS_LAMBDA_FUNCTION_NAME: 'f', AUTOSWIFTNET_MODELS: '/mnt' })).toEqual({
    AUTOSWIFTNET_MODELS: '/mnt',
  });
});

test('an empty variable counts as not set', () => {
  expect(readEnvironment(only('AUTOSWIFTNET_HEAVY_MODEL'), { AUTOSWIFTNET_HEAVY_MODEL: '' })).toEqual({
    AUTOSWIFTNET_HEAVY_MODEL: null,
  });
});

test('one error lists all faults, each with the name, the expected and the found value', () => {
  const variables = {
    AUTOSWIFTNET_BUCKET: 'b',
    AUTOSWIFTNET_SERVICE_BUCKET: 's',
    AUTOSWIFTNET_RESULTS_TOPIC_ARN: 'results',
    AUTOSWIFTNET_TAGGING_FUNCTION: 'f',
    AUTOSWIFTNET_PARKED_QUEUE_URL: 'http://127.0.0.1/parked',
    AUTOSWIFTNET_TAG_LABELS: '4',
  };
  const read = () => readEnvironment(environmentSchema, variables);

  expect(read).toThrow(ConfigurationError);
  expect(read).toThrow(
    'environment variables: AUTOSWIFTNET_TABLE is not set, expected the name of the DynamoDB table; ' +
      'AUTOSWIFTNET_RESULTS_TOPIC_ARN: expected the ARN of the results topic (arn:…:sns:…), found "results"; ' +
      'AUTOSWIFTNET_TAG_LABELS: expected a whole number from 0 to 3, found "4". Correct them and start again.',
  );
});

test("a fault within a variable is told as the variable's, with the place", () => {
  expect(() => readEnvironment(only('AUTOSWIFTNET_MODEL_RULES'), { AUTOSWIFTNET_MODEL_RULES: '{"a/":""}' })).toThrow(
    'AUTOSWIFTNET_MODEL_RULES: expected a JSON object that maps key prefixes to model names, such as {"scans/":"auto"} (at a/), found "{\\"a/\\":\\"\\"}"',
  );
});

test.each([
  ['AUTOSWIFTNET_TAG_LABELS', '-1'],
  ['AUTOSWIFTNET_TAG_LABELS', '1.5'],
  ['AUTOSWIFTNET_TAG_LABELS', '0x2'],
  ['AUTOSWIFTNET_TAG_LABELS', ' '],
  ['AUTOSWIFTNET_TAG_THRESHOLD', '1.1'],
  ['AUTOSWIFTNET_TAG_THRESHOLD', '.'],
  ['AUTOSWIFTNET_INDEX_THRESHOLD', 'NaN'],
  ['AUTOSWIFTNET_MAX_IMAGE_BYTES', '0'],
  ['AUTOSWIFTNET_MAX_IMAGE_BYTES', '99999999999999999999'],
  ['AUTOSWIFTNET_MODEL', '../elsewhere'],
  ['AUTOSWIFTNET_MODEL', '..'],
  ['AUTOSWIFTNET_HEAVY_MODELS', 'a,,b'],
  ['AUTOSWIFTNET_HEAVY_MODELS', 'a,b/c'],
  ['AUTOSWIFTNET_MODEL_RULES', '{'],
  ['AUTOSWIFTNET_MODEL_RULES', '["auto"]'],
  ['AUTOSWIFTNET_MODEL_RULES', '{"a/":"../b"}'],
  ['AUTOSWIFTNET_CASCADE_THRESHOLD', '2'],
  ['AUTOSWIFTNET_HEAVY_PACKAGES', '[]'],
  ['AUTOSWIFTNET_HEAVY_PACKAGES', '{"a":{"model.json":{"url":"s3://b/k","sha256":"0"}}}'],
  ['AUTOSWIFTNET_HEAVY_PACKAGES', '{"a/b":"/srv"}'],
  ['AUTOSWIFTNET_PROVIDERS', 'rocm'],
  ['AUTOSWIFTNET_PROVIDERS', 'cuda,cuda'],
  ['AUTOSWIFTNET_BATCH_SIZE', '257'],
  ['AUTOSWIFTNET_WORKER_PORT', '65536'],
  ['AUTOSWIFTNET_HEAVY_QUEUE_URL', 'file:///etc/passwd'],
  ['AUTOSWIFTNET_CORS_ORIGINS', 'example.org'],
  ['AUTOSWIFTNET_CORS_ORIGINS', 'https://example.org/'],
  ['AUTOSWIFTNET_CORS_ORIGINS', 'https://example.org,,https://example.com'],
  ['AUTOSWIFTNET_OFFLINE', 'yes'],
] as const)('%s may not be %j', (name, value) => {
  expect(() => readEnvironment(only(name), { [name]: value })).toThrow(ConfigurationError);
});
