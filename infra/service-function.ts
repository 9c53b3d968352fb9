import { type Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  AssetCode,
  Function as LambdaFunction,
  type LayerVersion,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Architecture as ArchitectureName } from '../layers/architecture.ts';
import { type FunctionCode, HANDLER } from '../layers/function-code.ts';
import { acknowledge } from './acknowledge.ts';
import type { FunctionVariables } from './variables.ts';

export interface ServiceFunctionProps {
  readonly code: FunctionCode;
  readonly description: string;
  readonly layers: readonly LayerVersion[];
  readonly architecture: ArchitectureName;
  readonly memoryMb: number;
  readonly timeout: Duration;
  readonly variables: FunctionVariables;
  readonly logRetentionDays: number;
  /** @default - none is reserved */
  readonly reservedConcurrency?: number | undefined;
}

const LAMBDA_ARCHITECTURES = { arm64: Architecture.ARM_64, x64: Architecture.X86_64 } as const;

/**
 * A Lambda function with its own role, its own log group, and tracing. `allow` is the only place
 * that grants permissions.
 */
export class ServiceFunction extends Construct {
  readonly function: LambdaFunction;
  private readonly role: Role;

  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Logs', {
      retention: props.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.function = new LambdaFunction(this, 'Function', {
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: LAMBDA_ARCHITECTURES[props.architecture],
      handler: HANDLER,
      code: new AssetCode(props.code.folder, { assetHash: props.code.hash }),
      layers: [...props.layers],
      memorySize: props.memoryMb,
      timeout: props.timeout,
      environment: { ...props.variables },
      role: this.role,
      logGroup,
      tracing: Tracing.ACTIVE,
      ...(props.reservedConcurrency === undefined ? {} : { reservedConcurrentExecutions: props.reservedConcurrency }),
    });
    this.allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]);
    acknowledge(this, {
      'AwsSolutions-IAM5[Resource::*]': 'The X-Ray actions cannot be limited to a resource.',
      'Serverless-LambdaDLQ':
        'It is called synchronously: by API Gateway, or from a queue that has its own dead-letter queue.',
    });
  }

  /** Allows the function these actions on these resources. */
  allow(actions: readonly string[], resources: readonly string[]): void {
    this.role.addToPolicy(new PolicyStatement({ actions: [...actions], resources: [...resources] }));
  }
}
