import type { Template } from '../assemblies.ts';
import { type Grant, show, withoutHash } from '../granted-actions.ts';
import { pathOf } from '../path-of.ts';
import { grantsOfRole, roleId } from './deployed-programs.ts';

/** A state machine of a template, and what its role allows. */
export interface DeployedStateMachine {
  readonly path: string;
  /** Its logical id, without the hash. */
  readonly name: string;
  /** Its definition in the Amazon States Language, with references as text. */
  readonly definition: string;
  readonly tracing: boolean;
  readonly grants: readonly Grant[];
}

interface Properties {
  readonly DefinitionString: unknown;
  readonly RoleArn: unknown;
  readonly TracingConfiguration?: { readonly Enabled: boolean };
}

/** A part of a definition. */
type Part = Readonly<Record<string, unknown>>;

const LOG_DELIVERY = ['CreateLogDelivery', 'DeleteLogDelivery', 'DescribeLogGroups', 'DescribeResourcePolicies'];
const LOG_DELIVERIES = ['GetLogDelivery', 'ListLogDeliveries', 'PutResourcePolicy', 'UpdateLogDelivery'];
const X_RAY = ['GetSamplingRules', 'GetSamplingTargets', 'PutTelemetryRecords', 'PutTraceSegments'];

export function stateMachinesIn(template: Template): DeployedStateMachine[] {
  return Object.entries(template.Resources)
    .filter(([, { Type }]) => Type === 'AWS::StepFunctions::StateMachine')
    .map(([id, resource]) => {
      const { DefinitionString, RoleArn, TracingConfiguration } = resource.Properties as unknown as Properties;
      return {
        path: pathOf(resource),
        name: withoutHash(id),
        definition: show(DefinitionString),
        tracing: TracingConfiguration?.Enabled === true,
        grants: grantsOfRole(template, roleId(RoleArn)),
      };
    });
}

/**
 * Lists what Step Functions calls to run the definition, in the form of recorded calls.
 * https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
 * https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html
 */
export function callsOfStateMachine({ definition, name, tracing }: DeployedStateMachine): string[] {
  const parts = partsOf(JSON.parse(definition));
  const inventories = parts.map(({ inventoryBucket }) => inventoryBucket).find((bucket) => typeof bucket === 'string');
  const calls = parts.flatMap((part) => {
    if (String(part['Resource']).endsWith(':lambda:invoke')) {
      return [`lambda:InvokeFunction on ${(part['Arguments'] as Part)['FunctionName']}`];
    }
    if (part['Type'] !== 'Map') return [];
    return [...mapCalls(part, name), ...readCalls(part['ItemReader'] as Part, inventories)];
  });
  const delivery = [...LOG_DELIVERY, ...LOG_DELIVERIES].map((action) => `logs:${action} on *`);
  return [...calls, ...delivery, ...(tracing ? X_RAY.map((action) => `xray:${action} on *`) : [])];
}

/** A distributed map starts an execution for each batch, and writes what became of them. */
function mapCalls({ Label }: Part, name: string): string[] {
  return [
    `states:StartExecution on <${name}>`,
    `states:DescribeExecution on execution:<${name}>:*`,
    `states:StopExecution on execution:<${name}>:*`,
    `states:RedriveExecution on execution:<${name}>/${Label}:*`,
    ...['PutObject', 'GetObject', 'ListMultipartUploadParts', 'AbortMultipartUpload'].map(
      (action) => `s3:${action} on service/backfill/*`,
    ),
  ];
}

/** Without a bucket of inventories, the function refuses a run that would read one. */
function readCalls({ Resource }: Part, inventories: unknown): string[] {
  if (String(Resource).endsWith(':s3:listObjectsV2')) return ['s3:ListBucket on images'];
  return inventories === undefined ? [] : [`s3:GetObject on <${inventories}>/*`];
}

/** The object itself and all objects inside it. */
function partsOf(value: unknown): Part[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value as Part, ...Object.values(value).flatMap(partsOf)];
}
