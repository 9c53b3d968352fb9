import { type Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { type LambdaApplication, LambdaDeploymentConfig, LambdaDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Alias,
  Architecture,
  AssetCode,
  type IAlias,
  type IVersion,
  Function as LambdaFunction,
  type LayerVersion,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { FunctionCode } from '../../layers/function-code.ts';
import { HANDLER } from '../../layers/handler.ts';
import { acknowledge } from '../parts/acknowledge.ts';
import type { Core } from './core.ts';
import { type KeyUses, keyGrants } from './keys.ts';
import { addLogGroup } from './log-group.ts';
import type { FunctionVariables } from './variables.ts';

export interface ServiceFunctionProps {
  readonly code: FunctionCode;
  readonly description: string;
  readonly layers: readonly LayerVersion[];
  readonly memoryMb: number;
  readonly timeout: Duration;
  readonly variables: FunctionVariables;
  /** @default - none is reserved */
  readonly reservedConcurrency?: number | undefined;
  /** Instances that are always started. @default 0 */
  readonly provisionedConcurrency?: number | undefined;
}

const LAMBDA_ARCHITECTURES = { arm64: Architecture.ARM_64, x64: Architecture.X86_64 } as const;

/** Finding on the role that the CDK creates for CodeDeploy. */
const CODE_DEPLOY_POLICY =
  'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]';

/** Name of the alias that every caller of a function invokes. */
const LIVE_ALIAS = 'live';

/**
 * A Lambda function with its own role and its own log group, and tracing unless it is off. Each change of its code,
 * layers or configuration publishes a version, and `alias` points to it. `allow` is the only place
 * that grants permissions.
 */
export class ServiceFunction extends Construct {
  /** What event sources, routes, schedules and other callers invoke. */
  readonly alias: IAlias;
  private readonly code: LambdaFunction;
  private readonly live: Alias;
  private readonly role: Role;
  private readonly core: Core;
  /** Name of its log group. */
  readonly logGroupName: string;

  constructor(scope: Construct, id: string, core: Core, props: ServiceFunctionProps) {
    super(scope, id);
    this.core = core;
    const { architecture, tracing } = core.settings;
    const logGroup = addLogGroup(this, 'Logs', core);
    this.logGroupName = logGroup.logGroupName;
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.code = new LambdaFunction(this, 'Function', {
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: LAMBDA_ARCHITECTURES[architecture],
      handler: HANDLER,
      code: new AssetCode(props.code.folder, { assetHash: props.code.hash }),
      layers: [...props.layers],
      memorySize: props.memoryMb,
      timeout: props.timeout,
      environment: { ...props.variables },
      role: this.role,
      logGroup,
      tracing: tracing ? Tracing.ACTIVE : Tracing.DISABLED,
      ...(props.reservedConcurrency === undefined ? {} : { reservedConcurrentExecutions: props.reservedConcurrency }),
      // A version that is kept can be put back into service at once. One that was published by a
      // deployment that failed is deleted: Lambda publishes the same content only once.
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE },
    });
    // Under exactOptionalPropertyTypes, the classes of the CDK do not quite match its interfaces.
    const version = this.code.currentVersion as IVersion;
    this.live = new Alias(this, 'Alias', {
      aliasName: LIVE_ALIAS,
      version,
      ...(props.provisionedConcurrency ? { provisionedConcurrentExecutions: props.provisionedConcurrency } : {}),
    });
    this.alias = this.live as IAlias;
    this.allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]);
    acknowledge(this, {
      ...(tracing
        ? { 'AwsSolutions-IAM5[Resource::*]': 'The X-Ray actions cannot be limited to a resource.' }
        : { 'Serverless-LambdaTracing': 'Tracing is turned off for the whole service.' }),
      'Serverless-LambdaDLQ':
        'It is called synchronously: by API Gateway, or from a queue that has its own dead-letter queue.',
    });
  }

  /** Its name, without the alias. */
  get functionName(): string {
    return this.code.functionName;
  }

  /** ARN of the alias: what a caller names, and may be allowed to invoke. */
  get invokeArn(): string {
    return this.alias.functionArn;
  }

  /**
   * Lets CodeDeploy move the alias: a tenth of the calls go to a new version for ten minutes, and
   * then all of them. It moves the alias back as soon as one of the alarms is raised.
   */
  releaseByCanary(application: LambdaApplication, alarms: readonly Alarm[]): void {
    const group = new LambdaDeploymentGroup(this, 'Release', {
      application,
      alias: this.live,
      deploymentConfig: LambdaDeploymentConfig.CANARY_10PERCENT_10MINUTES,
      alarms: [...alarms],
    });
    acknowledge(group, {
      [CODE_DEPLOY_POLICY]: 'AWS maintains the list of permissions that CodeDeploy needs to move an alias.',
    });
  }

  /** Adds variables. It counts as a change of the function, as those of the props do. */
  addVariables(variables: FunctionVariables): void {
    for (const [name, value] of Object.entries(variables)) this.code.addEnvironment(name, value);
  }

  /** Allows the function to use the keys of what it reads, writes and sends. */
  allowKeys(uses: KeyUses): void {
    for (const { actions, resources } of keyGrants(this.core.keys, uses)) this.allow(actions, resources);
  }

  /** Allows the function these actions on these resources. */
  allow(actions: readonly string[], resources: readonly string[]): void {
    this.role.addToPolicy(new PolicyStatement({ actions: [...actions], resources: [...resources] }));
  }
}
