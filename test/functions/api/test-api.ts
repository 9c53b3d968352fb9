import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { S3Client } from '@aws-sdk/client-s3';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { type ApiDependencies, openDependencies } from '../../../functions/api/dependencies.ts';
import { ROUTES } from '../../../functions/api/routes.ts';
import { createApiHandler } from '../../../functions/api/serve.ts';
import { toHttpEvent } from '../../../local/http-api/event.ts';
import { startTestServer } from '../../local/s3/local-server.ts';
import { openTestTable, TABLE, type TestTable } from '../records/test-table.ts';
import { type ApiAnswer, checkContract } from './contract.ts';

export interface ApiCall {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** What the API stands on. One a test file: the SDK's clients find it by the environment. */
export interface TestServices {
  readonly table: TestTable;
  readonly s3: S3Client;
  readonly s3Endpoint: string;
  close(): Promise<void>;
}

export interface TestApiOptions {
  /** Folder of the packages. */
  readonly modelsDir: string;
  readonly model: string;
  /** More or other variables. */
  readonly variables?: Readonly<Record<string, string>>;
  /** In place of the real ones. */
  readonly change?: (dependencies: ApiDependencies) => Partial<ApiDependencies>;
}

export interface TestApi {
  readonly dependencies: ApiDependencies;
  /** Which answers of openapi.yaml there were so far. */
  readonly seen: ReadonlySet<string>;
  /** Sends a request, as API Gateway would hand it over, and holds the answer against the contract. */
  call(method: string, target: string, call?: ApiCall): Promise<ApiAnswer>;
  /** Hands an event of API Gateway to the handler, and holds the answer against the contract. */
  invoke(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2>;
}

export const BUCKET = 'bucket';
export const SERVICE_BUCKET = 'service';

export const CONTEXT: Context = {
  callbackWaitsForEmptyEventLoop: false,
  functionName: 'api',
  functionVersion: '1',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:api',
  memoryLimitInMB: '1769',
  awsRequestId: '00000000-0000-0000-0000-000000000000',
  logGroupName: 'group',
  logStreamName: 'stream',
  getRemainingTimeInMillis: () => 20_000,
  done: () => {},
  fail: () => {},
  succeed: () => {},
};

/** An S3 with both buckets and those that are named, and a DynamoDB with the table. */
export async function openTestServices(...moreBuckets: readonly string[]): Promise<TestServices> {
  const [table, server] = await Promise.all([openTestTable(), startTestServer()]);
  for (const bucket of [SERVICE_BUCKET, ...moreBuckets]) await server.s3.createBucket(bucket);
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_S3: server.s3.endpoint,
    AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
    POWERTOOLS_METRICS_DISABLED: 'true',
  });
  return {
    table,
    s3: server.client,
    s3Endpoint: server.s3.endpoint,
    async close() {
      await Promise.all([table.close(), server.close()]);
    },
  };
}

/** The API's handler in this process, on the services of this test file. */
export function openTestApi({ modelsDir, model, variables = {}, change }: TestApiOptions): TestApi {
  const real = openDependencies({
    ...process.env,
    AUTOSWIFTNET_MODELS: modelsDir,
    AUTOSWIFTNET_MODEL: model,
    AUTOSWIFTNET_TABLE: TABLE,
    AUTOSWIFTNET_BUCKET: BUCKET,
    AUTOSWIFTNET_SERVICE_BUCKET: SERVICE_BUCKET,
    ...variables,
  });
  const dependencies = { ...real, ...change?.(real) };
  const logger = new Logger({ serviceName: 'test', logLevel: 'SILENT' });
  const handler = createApiHandler(
    ROUTES,
    dependencies,
    logger,
    new Metrics({ namespace: 'test', serviceName: 'test' }),
  );
  const seen = new Set<string>();
  const invoke = async (event: APIGatewayProxyEventV2) => {
    const answer = await handler(event, CONTEXT);
    seen.add(checkContract(event.requestContext.http.method, event.rawPath, asSeen(answer)));
    return answer;
  };
  return {
    dependencies,
    seen,
    invoke,
    async call(method, target, { headers = {}, body = '' } = {}) {
      const rawHeaders = Object.entries({ host: 'api.example.com', ...headers }).flat();
      const request = { method, url: target, httpVersion: '1.1', rawHeaders, sourceIp: '192.0.2.1', port: 443 };
      return asSeen(await invoke(toHttpEvent(request, Buffer.from(body), new Date())));
    },
  };
}

function asSeen({ statusCode = 0, headers = {}, body = '' }: APIGatewayProxyStructuredResultV2): ApiAnswer {
  const texts = Object.entries(headers).map(([name, value]) => [name, String(value)]);
  return { status: statusCode, headers: Object.fromEntries(texts), body };
}

export function jsonOf({ body }: ApiAnswer) {
  return JSON.parse(body);
}
