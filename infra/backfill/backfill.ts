import { ArnFormat, Aws, Duration, Stack } from 'aws-cdk-lib';
import { Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { FUNCTION_TIMEOUT_SECONDS } from '../../functions/backfill/batch.ts';
import { BACKFILL_PREFIX } from '../../functions/backfill/result-keys.ts';
import { backfillEnvironmentSchema } from '../../functions/backfill/settings.ts';
import { THUMBNAIL_PREFIX } from '../../functions/thumbnails/thumbnail-prefix.ts';
import { readSettings } from '../configuration/read-settings.ts';
import { PROP_KINDS, requireProps } from '../configuration/require-props.ts';
import type { Core } from '../core/core.ts';
import { keyGrants } from '../core/keys.ts';
import { addLogGroup } from '../core/log-group.ts';
import { addOutputs } from '../core/outputs.ts';
import { ServiceFunction } from '../core/service-function.ts';
import { TAGGING_ACTIONS } from '../core/tagging-actions.ts';
import { tellWatched } from '../core/tell-watched.ts';
import { selectVariables, variablesOf } from '../core/variables.ts';
import { acknowledge, wildcardResource } from '../parts/acknowledge.ts';
import type { BackfillProps } from './backfill-props.ts';
import { backfillDefinition, MAP_LABELS } from './definition.ts';
import { BACKFILL_SETTINGS, type BackfillSettings } from './settings.ts';

/**
 * Log groups with this name are known to Step Functions without a resource policy of the account:
 * https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html
 */
const LOG_PREFIX = '/aws/vendedlogs/states/';

const TRACING_OFF = Object.fromEntries(
  ['AwsSolutions-SF2', 'Serverless-StepFunctionStateMachineXray'].map((rule) => [
    rule,
    'Tracing is turned off for the whole service.',
  ]),
);

/**
 * What was in the bucket before: a state machine that reads the bucket's listing or an inventory in
 * batches, and the function that tags a batch. Uploads have a function of their own and never wait
 * behind it.
 */
export class Backfill extends Construct {
  /** The state machine, which a run starts. */
  readonly stateMachine: StateMachine;
  /** @internal */
  readonly service: ServiceFunction;

  /** @throws {ConfigurationError} when a prop is out of its range */
  constructor(scope: Construct, id: string, props: BackfillProps) {
    super(scope, id);
    requireProps('Backfill', props, { service: PROP_KINDS.service });
    const settings = readSettings('Backfill', BACKFILL_SETTINGS, props);
    const { core } = props.service;
    this.service = new ServiceFunction(this, 'Function', core, {
      code: core.code.functions.backfill,
      description: 'Tags a batch of what is already in the bucket',
      layers: core.layers,
      memoryMb: core.settings.memoryMb,
      timeout: Duration.seconds(FUNCTION_TIMEOUT_SECONDS),
      variables: variablesOf(backfillEnvironmentSchema, core.variables),
    });
    this.grantFunction(core);
    tellWatched(this.service, core);
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('states.amazonaws.com') });
    this.stateMachine = this.addStateMachine(core, settings, role);
    this.grantStateMachine(core, settings, role);
    addOutputs(this, core, {
      BackfillStateMachineArn: this.stateMachine.stateMachineArn,
      BackfillFunction: this.service.functionName,
      BackfillConcurrency: String(settings.backfillConcurrency),
    });
  }

  private addStateMachine(core: Core, { backfillConcurrency, inventoryBucket }: BackfillSettings, role: Role) {
    const definition = backfillDefinition({
      partition: Aws.PARTITION,
      functionArn: this.service.invokeArn,
      serviceBucketName: core.serviceBucket.bucketName,
      defaultConcurrency: backfillConcurrency,
      inventoryBucket: inventoryBucket ?? null,
    });
    const logs = addLogGroup(this, 'Logs', core, `${LOG_PREFIX}${core.name}-backfill`);
    const machine = new StateMachine(this, 'StateMachine', {
      definitionBody: DefinitionBody.fromString(Stack.of(this).toJsonString(definition)),
      stateMachineType: StateMachineType.STANDARD,
      comment: definition.Comment,
      role,
      tracingEnabled: core.settings.tracing,
      logs: { destination: logs, level: LogLevel.ERROR, includeExecutionData: false },
    });
    acknowledge(machine, {
      ...(core.settings.tracing ? {} : TRACING_OFF),
      'AwsSolutions-SF1': 'A run has an execution for each batch. Step Functions keeps their histories for 90 days.',
    });
    return machine;
  }

  private grantFunction({ buckets, serviceBucket, table, results, heavyQueue, heavyModels, settings }: Core): void {
    buckets.forEach(({ bucket, objects, keyArn }) => {
      acknowledge(this.service, { [wildcardResource(this, objects)]: 'All watched objects of this one bucket.' });
      this.service.allow(['s3:GetObject'], [objects]);
      this.service.allow(settings.tagLabels > 0 ? TAGGING_ACTIONS : ['s3:GetObjectVersion'], [objects]);
      this.service.allow(['s3:ListBucket'], [bucket.bucketArn]);
      if (keyArn !== null) this.service.allow(['kms:Decrypt'], [keyArn]);
    });
    this.service.allow(['dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:DeleteItem'], [table.tableArn]);
    const thumbnails = serviceBucket.arnForObjects(`${THUMBNAIL_PREFIX}*`);
    const written = serviceBucket.arnForObjects(`${BACKFILL_PREFIX}*`);
    acknowledge(this.service, {
      [wildcardResource(this, thumbnails)]: 'The thumbnails of all images.',
      [wildcardResource(this, written)]: 'The results of all runs.',
    });
    this.service.allow(['s3:DeleteObject'], [thumbnails]);
    this.service.allow(['s3:PutObject'], [written]);
    this.service.allow(['sns:Publish'], [results.topicArn]);
    this.service.allowKeys({ reads: ['table'], writes: ['serviceBucket'], sends: ['results'] });
    heavyModels.forEach((variables) => {
      this.service.addVariables(selectVariables(backfillEnvironmentSchema, variables));
      this.service.allow(['sqs:SendMessage'], [heavyQueue.queue.queueArn]);
      this.service.allowKeys({ sends: ['queues'] });
    });
  }

  /** https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html */
  private grantStateMachine(
    { buckets, serviceBucket, keys, settings }: Core,
    { inventoryBucket }: BackfillSettings,
    role: Role,
  ): void {
    const allow = (actions: string[], resources: string[]) =>
      role.addToPolicy(new PolicyStatement({ actions, resources }));
    allow(['lambda:InvokeFunction'], [this.service.invokeArn]);
    buckets.forEach(({ bucket }) => {
      allow(['s3:ListBucket'], [bucket.bucketArn]);
    });
    const written = serviceBucket.arnForObjects(`${BACKFILL_PREFIX}*`);
    allow(['s3:PutObject', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:AbortMultipartUpload'], [written]);
    // S3 decrypts the parts of an upload to put them together.
    for (const { actions, resources } of keyGrants(keys, { reads: ['serviceBucket'], writes: ['serviceBucket'] })) {
      allow([...actions], [...resources]);
    }
    const reasons: Record<string, string> = {
      [wildcardResource(this, written)]: 'The results of all runs.',
      'AwsSolutions-IAM5[Resource::*]': `The actions of ${settings.tracing ? 'X-Ray and of ' : ''}the delivery of logs cannot be limited to a resource.`,
    };
    if (inventoryBucket !== undefined) {
      const inventories = `arn:${Aws.PARTITION}:s3:::${inventoryBucket}/*`;
      allow(['s3:GetObject'], [inventories]);
      reasons[wildcardResource(this, inventories)] = 'All inventories in this one bucket.';
    }
    acknowledge(role, reasons);
    this.allowOwnExecutions(role);
  }

  /**
   * Lets the state machine start, follow and redrive the executions of its batches. It is a policy of
   * its own, because the machine is made after its role.
   */
  private allowOwnExecutions(role: Role): void {
    const policy = new Policy(this, 'Batches', { roles: [role] });
    const { stateMachineArn, stateMachineName } = this.stateMachine;
    const executions = (name: string) =>
      Stack.of(this).formatArn({
        service: 'states',
        resource: 'execution',
        resourceName: name,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      });
    const runs = executions(`${stateMachineName}:*`);
    const batches = MAP_LABELS.map((label) => executions(`${stateMachineName}/${label}:*`));
    policy.addStatements(
      new PolicyStatement({ actions: ['states:StartExecution'], resources: [stateMachineArn] }),
      new PolicyStatement({ actions: ['states:DescribeExecution', 'states:StopExecution'], resources: [runs] }),
      new PolicyStatement({ actions: ['states:RedriveExecution'], resources: batches }),
    );
    for (const arn of [runs, ...batches]) {
      acknowledge(policy, { [wildcardResource(this, arn)]: 'The names of executions are not known before.' });
    }
  }
}
