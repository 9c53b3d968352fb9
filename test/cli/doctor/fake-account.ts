import { createServer, type IncomingMessage, type Server } from 'node:http';
import { listen } from '../../../local/listen.ts';

/** What an account on AWS says about itself. Tests change it. */
export interface FakeAccount {
  stackStatus: string;
  outputs: Record<string, string>;
  resources: { id: string; type: string; physicalId: string }[];
  mappings: Record<string, { State: string; EventSourceArn: string; MaximumConcurrency: number }>;
  functions: Record<
    string,
    { State: string; StateReason?: string; MemorySize?: number; Environment?: { Variables: Record<string, string> } }
  >;
  unreservedConcurrency: number;
  quotas: Record<string, number>;
  roles: string[];
  alarms: { AlarmName: string; AlarmDescription: string; StateValue: string; AlarmActions: string[] }[];
  /** S3's daily counts of the objects in a bucket. */
  objectCounts?: { Timestamp: number; Average: number }[];
  /** IAM actions that are denied. */
  denied: string[];
}

export interface FakeAws {
  readonly account: FakeAccount;
  readonly endpoint: string;
  close(): void;
}

/** An answer in the protocol of its service. */
interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Record<string, string>;
}

interface Call {
  /** As IAM writes it: `lambda:GetAccountSettings` */
  readonly action: string;
  readonly protocol: 'query' | 'json' | 'rest';
  /** The parameter that names what is asked for. */
  readonly name: string;
}

/**
 * Speaks as much of CloudFormation, IAM, Lambda, Service Quotas and CloudWatch as the doctor asks
 * of them, in the protocols of the SDK.
 */
export async function startFakeAws(account: FakeAccount): Promise<FakeAws> {
  const server: Server = createServer(async (request, response) => {
    const call = readCall(request, await readBody(request));
    const { status, body, headers } = account.denied.includes(call.action) ? denial(call) : answerOf(call, account);
    response.writeHead(status, headers).end(body);
  });
  const port = await listen(server, 0);
  return {
    account,
    endpoint: `http://127.0.0.1:${port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function readCall({ headers, url = '/' }: IncomingMessage, body: string): Call {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') {
    const [service = '', operation = ''] = target.split('.');
    const prefix = service.startsWith('ServiceQuotas') ? 'servicequotas' : 'cloudwatch';
    return { action: `${prefix}:${operation}`, protocol: 'json', name: JSON.parse(body).QuotaCode ?? '' };
  }
  const [, , kind = '', name = ''] = url.split('/').map(decodeURIComponent);
  const operations: Record<string, string> = {
    'event-source-mappings': 'GetEventSourceMapping',
    functions: 'GetFunctionConfiguration',
    'account-settings': 'GetAccountSettings',
  };
  if (operations[kind] !== undefined) return { action: `lambda:${operations[kind]}`, protocol: 'rest', name };
  const form = new URLSearchParams(body);
  const service = form.get('RoleName') === null ? 'cloudformation' : 'iam';
  return {
    action: `${service}:${form.get('Action')}`,
    protocol: 'query',
    name: form.get('RoleName') ?? form.get('StackName') ?? '',
  };
}

function answerOf({ action, name }: Call, account: FakeAccount): Answer {
  switch (action) {
    case 'cloudformation:DescribeStacks':
      return name === 'Photos'
        ? query('DescribeStacks', `<Stacks><member>${stackXml(account)}</member></Stacks>`)
        : queryError(400, 'ValidationError', `Stack with id ${name} does not exist`);
    case 'cloudformation:ListStackResources':
      return query('ListStackResources', `<StackResourceSummaries>${resourcesXml(account)}</StackResourceSummaries>`);
    case 'iam:GetRole':
      return account.roles.includes(name)
        ? query('GetRole', `<Role><RoleName>${name}</RoleName></Role>`)
        : queryError(404, 'NoSuchEntity', `The role with name ${name} cannot be found.`);
    case 'lambda:GetEventSourceMapping': {
      const mapping = account.mappings[name];
      return mapping === undefined
        ? restError(404, 'ResourceNotFoundException', 'The resource you requested does not exist.')
        : json(200, { UUID: name, ...mapping, ScalingConfig: { MaximumConcurrency: mapping.MaximumConcurrency } });
    }
    case 'lambda:GetFunctionConfiguration':
      return json(200, { FunctionName: name, ...account.functions[name] });
    case 'lambda:GetAccountSettings':
      return json(200, { AccountLimit: { UnreservedConcurrentExecutions: account.unreservedConcurrency } });
    case 'servicequotas:GetServiceQuota':
      return json(200, { Quota: { QuotaCode: name, Value: account.quotas[name] } });
    case 'cloudwatch:DescribeAlarms':
      return json(200, { MetricAlarms: account.alarms });
    case 'cloudwatch:GetMetricStatistics':
      return json(200, { Label: 'NumberOfObjects', Datapoints: account.objectCounts ?? [] });
    default:
      throw new TypeError(`the account does not know ${action}`);
  }
}

function stackXml({ stackStatus, outputs }: FakeAccount): string {
  const members = Object.entries(outputs).map(
    ([key, value]) =>
      `<member><OutputKey>${key}</OutputKey><OutputValue>${value.replaceAll('&', '&amp;')}</OutputValue></member>`,
  );
  return `<StackName>Photos</StackName><CreationTime>2026-11-26T12:00:00Z</CreationTime><StackStatus>${stackStatus}</StackStatus><Outputs>${members.join('')}</Outputs>`;
}

function resourcesXml({ resources }: FakeAccount): string {
  return resources
    .map(
      ({ id, type, physicalId }) =>
        `<member><LogicalResourceId>${id}</LogicalResourceId><PhysicalResourceId>${physicalId}</PhysicalResourceId><ResourceType>${type}</ResourceType><LastUpdatedTimestamp>2026-11-26T12:00:00Z</LastUpdatedTimestamp><ResourceStatus>CREATE_COMPLETE</ResourceStatus></member>`,
    )
    .join('');
}

function denial({ action, protocol }: Call): Answer {
  const message = `User: arn:aws:iam::000000000000:user/reader is not authorized to perform: ${action} on resource: *`;
  if (protocol === 'query') return queryError(403, 'AccessDenied', message);
  return restError(protocol === 'rest' ? 403 : 400, 'AccessDeniedException', message);
}

function query(operation: string, result: string): Answer {
  return {
    status: 200,
    body: `<${operation}Response><${operation}Result>${result}</${operation}Result></${operation}Response>`,
  };
}

function queryError(status: number, code: string, message: string): Answer {
  return {
    status,
    body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
  };
}

function restError(status: number, type: string, message: string): Answer {
  return json(status, { __type: type, message }, { 'x-amzn-errortype': type });
}

function json(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return { status, body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } };
}
