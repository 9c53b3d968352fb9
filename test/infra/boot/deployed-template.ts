import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { closeDeployment, type Deployment } from '../../../cli/deployment/deployment.ts';
import { deploymentFromOutputs } from '../../../cli/deployment/from-outputs.ts';
import { openApi } from '../../../cli/doctor/api.ts';
import { examine } from '../../../cli/doctor/examine.ts';
import type { Line } from '../../../cli/doctor/finding.ts';
import { localDynamoDb, localSns, localSqs } from '../../../local/clients.ts';
import { CREDENTIALS, REGION } from '../../../local/names.ts';
import type { Template } from '../assemblies.ts';
import { deployLocally, type LocalDeployment } from '../deployment/deploy-locally.ts';
import { pathOf as pathOfResource } from '../path-of.ts';
import type { BootedStack } from './booted-stack.ts';

/** The synthesized template and its artefacts, deployed on the embedded services. */
export interface DeployedTemplate {
  readonly local: LocalDeployment;
  /** Lets the doctor examine it, as a stack whose outputs it has read. */
  examine(): Promise<Line[]>;
  close(): Promise<void>;
}

/** Outputs that the doctor reads, besides those of the heavy service, which needs a GPU. */
const OUTPUTS = [
  'ApiUrl',
  'ImageBucket',
  'RecordsTable',
  'ResultsTopic',
  'UploadsQueueUrl',
  'UploadsDeadLettersUrl',
  'UploadsParkedUrl',
  'HeavyQueueUrl',
  'HeavyDeadLettersUrl',
] as const;

const CHECK_SECONDS = 60;

/** @param template by default that of the stack */
export async function deployTemplate(stack: BootedStack, template: Template = stack.app.template) {
  const folder = await mkdtemp(join(tmpdir(), 'deployed-'));
  const faults: unknown[] = [];
  const local = await deployLocally({
    template,
    folder,
    start: ({ logicalId, variables }) => stack.startWith(pathOf(template, logicalId), variables),
    onError: (error) => faults.push(error),
  });
  const deployment = await openDeployment(local);
  const deployed: DeployedTemplate = {
    local,
    examine: () =>
      examine(deployment, {
        api: openApi(deployment.apiUrl, undefined),
        seconds: CHECK_SECONDS,
        heavy: false,
        interrupted: new AbortController().signal,
        onLine: () => {},
      }),
    async close() {
      closeDeployment(deployment);
      await local.close();
      await rm(folder, { recursive: true, force: true });
      if (faults.length > 0) throw new AggregateError(faults, 'the local deployment had faults');
    },
  };
  return deployed;
}

/** Reads the outputs as the doctor does, except that the API is at an address of this machine. */
async function openDeployment({ endpoints, output, url }: LocalDeployment): Promise<Deployment> {
  const outputs = await Promise.all(OUTPUTS.map(async (name) => [name, await output(name)] as const));
  const found = deploymentFromOutputs({
    outputs: Object.fromEntries(outputs),
    aws: { name: 'AutoSwiftNet', status: 'CREATE_COMPLETE', region: REGION, resources: [] },
    clients: {
      s3: new S3Client({ endpoint: endpoints.s3, region: REGION, credentials: CREDENTIALS, forcePathStyle: true }),
      sqs: localSqs(endpoints.sqs),
      sns: localSns(endpoints.sns),
      dynamodb: localDynamoDb(endpoints.dynamodb),
    },
  });
  return { ...found, apiUrl: new URL(url), aws: null };
}

function pathOf({ Resources }: Template, logicalId: string): string {
  const resource = Resources[logicalId];
  const path = resource === undefined ? '' : pathOfResource(resource);
  return path.replace(/^AutoSwiftNet\/(.*)\/Function\/Resource$/, '$1');
}
