import { readEnvironment } from '../../functions/environment.ts';
import { readWorkerSettings } from '../../functions/gpu-worker/settings.ts';
import { tagUploadEnvironmentSchema } from '../../functions/tag-upload/settings.ts';
import { functionEnvironment } from '../../local/function-environment.ts';

const OPTIONS = {
  packageDir: '/models/cache/sample',
  endpoints: {
    s3: 'http://127.0.0.1:1',
    sqs: 'http://127.0.0.1:2',
    sns: 'http://127.0.0.1:2',
    dynamodb: 'http://127.0.0.1:3',
  },
  resultsTopicArn: 'arn:aws:sns:us-east-1:000000000000:autoswiftnet-results',
  heavy: null,
};

test('the function gets all variables that it needs', () => {
  const environment = functionEnvironment({ ...OPTIONS, variables: {} });

  expect(readEnvironment(tagUploadEnvironmentSchema, environment)).toMatchObject({
    AUTOSWIFTNET_MODELS: '/models/cache',
    AUTOSWIFTNET_MODEL: 'sample',
    AUTOSWIFTNET_TABLE: 'autoswiftnet',
    AUTOSWIFTNET_RESULTS_TOPIC_ARN: OPTIONS.resultsTopicArn,
  });
  expect(environment).toMatchObject({ AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1', AWS_ACCESS_KEY_ID: 'local' });
});

test('further heavy models follow the first one', () => {
  const models = ['big', 'bigger', 'biggest'].map((name) => ({ name, packageDir: `/m/${name}` }));
  const environment = functionEnvironment({
    ...OPTIONS,
    heavy: { models, queueUrl: 'http://127.0.0.1:2/0/heavy' },
    variables: {},
  });

  expect(environment).toMatchObject({
    AUTOSWIFTNET_HEAVY_MODEL: 'big',
    AUTOSWIFTNET_HEAVY_MODELS: 'bigger,biggest',
    AUTOSWIFTNET_HEAVY_PACKAGES: '{"big":"/m/big","bigger":"/m/bigger","biggest":"/m/biggest"}',
  });
});

test('with a heavy model the functions know its name and queue, and the worker its package', () => {
  const heavy = { models: [{ name: 'big', packageDir: '/models/cache/big' }], queueUrl: 'http://127.0.0.1:2/0/heavy' };
  const environment = functionEnvironment({ ...OPTIONS, heavy, variables: {} });

  expect(readEnvironment(tagUploadEnvironmentSchema, environment)).toMatchObject({
    AUTOSWIFTNET_HEAVY_MODEL: 'big',
    AUTOSWIFTNET_HEAVY_QUEUE_URL: 'http://127.0.0.1:2/0/heavy',
  });
  expect(readWorkerSettings(environment)).toMatchObject({
    models: ['big'],
    AUTOSWIFTNET_HEAVY_PACKAGES: { big: '/models/cache/big' },
  });
});

test("none of the user's AWS settings reach the function", () => {
  const variables = {
    AWS_PROFILE: 'work',
    AWS_SESSION_TOKEN: 'secret',
    AWS_ACCESS_KEY_ID: 'AKIA',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_REGION: 'eu-west-1',
    AWS_CONFIG_FILE: '/home/me/.aws/config',
    AWS_ENDPOINT_URL: 'https://s3.amazonaws.com',
    AWS_LAMBDA_FUNCTION_NAME: 'x',
    AWS_USE_FIPS_ENDPOINT: 'true',
    AUTOSWIFTNET_TABLE: 'production',
    AUTOSWIFTNET_BUCKET: 'production',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    NODE_OPTIONS: '--inspect',
  };

  expect(functionEnvironment({ ...OPTIONS, variables })).toEqual(functionEnvironment({ ...OPTIONS, variables: {} }));
});

test("the user's settings for tagging, and the variables that any program needs, reach the function", () => {
  const variables = {
    PATH: '/bin',
    HOME: '/home/me',
    AUTOSWIFTNET_TAG_LABELS: '3',
    AUTOSWIFTNET_MAX_IMAGE_BYTES: '10',
  };

  expect(functionEnvironment({ ...OPTIONS, variables })).toMatchObject(variables);
});
