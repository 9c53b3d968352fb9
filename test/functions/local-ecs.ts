import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An ECS service, its machines and its scaling, behind a real HTTP server. A test sets and reads them. */
export interface LocalEcs {
  readonly variables: {
    readonly AWS_ENDPOINT_URL_ECS: string;
    readonly AWS_ENDPOINT_URL_APPLICATION_AUTO_SCALING: string;
  };
  /** The ids of each machine's GPUs; null for a machine that does not name its resources. */
  machines: (readonly string[] | null)[];
  /** Null: there is no such service. */
  service: { desiredCount: number; status: 'ACTIVE' | 'INACTIVE' } | null;
  scaleOutSuspended: boolean;
  /** Operations that fail, by their names. */
  readonly failing: Set<string>;
  /** Operations in the order of their calls: `ecs:UpdateService`. */
  readonly calls: string[];
  close(): Promise<void>;
}

export const CLUSTER = 'cluster';
export const SERVICE = 'service';

/** So that two machines take two pages, as many do on AWS. */
const PAGE_SIZE = 1;
const PREFIXES: Readonly<Record<string, string>> = {
  AmazonEC2ContainerServiceV20141113: 'ecs',
  AnyScaleFrontendService: 'application-autoscaling',
};

type Json = Record<string, unknown>;

export async function startLocalEcs(): Promise<LocalEcs> {
  const server = createServer(async (request, response) => {
    const [target = '', operation = ''] = String(request.headers['x-amz-target']).split('.');
    const call = `${PREFIXES[target]}:${operation}`;
    local.calls.push(call);
    const refused = local.failing.has(call);
    const answer = refused
      ? { __type: 'AccessDeniedException', message: `${call} is not allowed` }
      : answerTo(local, call, await readJson(request));
    response
      .writeHead(refused ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' })
      .end(JSON.stringify(answer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const local: LocalEcs = {
    variables: { AWS_ENDPOINT_URL_ECS: url, AWS_ENDPOINT_URL_APPLICATION_AUTO_SCALING: url },
    machines: [],
    service: null,
    scaleOutSuspended: false,
    failing: new Set(),
    calls: [],
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
  return local;
}

async function readJson(request: IncomingMessage): Promise<Json> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}

function answerTo(local: LocalEcs, call: string, input: Json): Json {
  switch (call) {
    case 'ecs:ListContainerInstances': {
      const start = Number(input['nextToken'] ?? 0);
      const end = start + PAGE_SIZE;
      const containerInstanceArns = local.machines.map((_, index) => String(index)).slice(start, end);
      return { containerInstanceArns, ...(end < local.machines.length ? { nextToken: String(end) } : {}) };
    }
    case 'ecs:DescribeContainerInstances': {
      const described = (input['containerInstances'] as string[]).map((index) => local.machines[Number(index)]);
      return { containerInstances: described.map((gpus) => ({ registeredResources: gpus ? resources(gpus) : [] })) };
    }
    case 'ecs:DescribeServices':
      return local.service === null
        ? { services: [], failures: [{ reason: 'MISSING' }] }
        : { services: [{ ...local.service, runningCount: 0 }] };
    case 'ecs:UpdateService':
      local.service = { status: 'ACTIVE', desiredCount: Number(input['desiredCount']) };
      return { service: local.service };
    case 'application-autoscaling:RegisterScalableTarget': {
      const { DynamicScalingOutSuspended: suspended } = input['SuspendedState'] as Json;
      if (input['ResourceId'] === `service/${CLUSTER}/${SERVICE}`) local.scaleOutSuspended = suspended === true;
      return {};
    }
    default:
      throw new Error(`unexpected call ${call}`);
  }
}

function resources(gpus: readonly string[]): Json[] {
  return [
    { name: 'CPU', type: 'INTEGER', integerValue: 4096 },
    { name: 'GPU', type: 'STRINGSET', stringSetValue: gpus },
  ];
}
