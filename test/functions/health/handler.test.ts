import { healthOf } from '../../../functions/api/health.ts';
import { healthEnvironmentSchema } from '../../../functions/health/settings.ts';
import { toHttpEvent } from '../../../local/http-api/event.ts';
import { onlyResource, resourcesOf, useAssemblies } from '../../infra/assemblies.ts';
import { checkContract } from '../api/contract.ts';
import { CONTEXT } from '../api/test-api.ts';

const assembly = useAssemblies();
/** Whatever it sees beside these, it does not need. */
const VARIABLES = {
  AUTOSWIFTNET_MODEL: 'photos',
  AUTOSWIFTNET_HEAVY_MODEL: 'large',
  AUTOSWIFTNET_HEAVY_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/1/heavy',
  AUTOSWIFTNET_CORS_ORIGINS: 'https://photos.example',
  AUTOSWIFTNET_MAX_IMAGE_BYTES: '1000000',
  POWERTOOLS_LOG_LEVEL: 'SILENT',
  POWERTOOLS_METRICS_DISABLED: 'true',
};

beforeAll(() => {
  Object.assign(process.env, VARIABLES);
});

async function call(method: string, headers: Readonly<Record<string, string>> = {}) {
  const { handler } = await import('../../../functions/health/handler.ts');
  const rawHeaders = Object.entries({ host: 'api.example.com', ...headers }).flat();
  const request = { method, url: '/health', httpVersion: '1.1', rawHeaders, sourceIp: '192.0.2.1', port: 443 };
  const {
    statusCode = 0,
    headers: answered = {},
    body = '',
  } = await handler(toHttpEvent(request, Buffer.of(), new Date()), CONTEXT);
  const named = Object.fromEntries(Object.entries(answered).map(([name, value]) => [name, String(value)]));
  const answer = { status: statusCode, headers: named, body };
  checkContract(method, '/health', answer);
  return answer;
}

test('answers as the API does, without a model, a table or a bucket', async () => {
  const { status, body } = await call('GET');

  expect(status).toBe(200);
  expect(JSON.parse(body)).toEqual(healthOf({ modelNames: ['photos', 'large'], auth: null, maxImageBytes: 1_000_000 }));
});

test('lets pages of the configured origins read it, and has no other method', async () => {
  const { headers } = await call('GET', { origin: 'https://photos.example' });

  expect(headers).toMatchObject({ 'access-control-allow-origin': 'https://photos.example' });
  expect((await call('HEAD')).status).toBe(200);
  expect((await call('POST')).status).toBe(405);
});

test('has no layers and little memory, and gets the variables that it reads', () => {
  const { template } = assembly();
  const { Layers, MemorySize, Environment } = onlyResource(template, 'AWS::Lambda::Function', 'Api/Health');

  expect([Layers, MemorySize]).toEqual([undefined, 256]);
  const { Variables } = Environment as { Variables: Record<string, unknown> };
  expect(Object.keys(Variables).filter((name) => !(name in healthEnvironmentSchema.shape))).toEqual([]);
  expect(Variables).toMatchObject({ AUTOSWIFTNET_MODEL: 'sample', AUTOSWIFTNET_HEAVY_MODEL: 'sample' });
});

test('in a deployment, the route of the API leads to it', () => {
  const { template } = assembly();
  const integrationOf = (route: string) => {
    const { Target } = onlyResource(template, 'AWS::ApiGatewayV2::Route', `Api/Http/${route}`);
    const [, [, { Ref }]] = (Target as { 'Fn::Join': [string, [string, { Ref: string }]] })['Fn::Join'];
    return JSON.stringify(template.Resources[Ref]?.Properties['IntegrationUri']);
  };

  expect(resourcesOf(template, 'AWS::Lambda::Alias', 'Api/Health')).toHaveLength(1);
  expect(['GET--health', 'HEAD--health'].map(integrationOf)).toEqual([
    expect.stringContaining('"ApiHealthAlias'),
    expect.stringContaining('"ApiHealthAlias'),
  ]);
  expect(integrationOf('GET--openapi.yaml')).toContain('"ApiFunctionAlias');
});
