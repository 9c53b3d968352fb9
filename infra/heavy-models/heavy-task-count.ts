import { CfnCustomResource, Duration, Lazy, Stack, Token } from 'aws-cdk-lib';
import type { Cluster } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { keepTaskCountEnvironmentSchema } from '../../functions/keep-task-count/settings.ts';
import type { Core } from '../core/core.ts';
import { ServiceFunction } from '../core/service-function.ts';
import { variablesOf } from '../core/variables.ts';
import { acknowledge } from '../parts/acknowledge.ts';

export interface HeavyTaskCountProps {
  readonly cluster: Cluster;
  /** The name that the service gets or has. */
  readonly serviceName: string;
  /**
   * Everything of the service that a deployment may change. The count is read again whenever one of
   * these values changes, and before the service is updated.
   */
  readonly serviceProperties: Readonly<Record<string, string>>;
  /** Its tags, which are known once the app is complete. They may change with a deployment, too. */
  readonly serviceTags: () => unknown;
}

const MEMORY_MB = 128;
const TIMEOUT = Duration.seconds(30);
/** If the function does not answer, the deployment fails after this time, not after an hour. */
const ANSWER_WITHIN = Duration.minutes(5);

/**
 * The number of tasks that the service should have: 0 for a new service, else what the scaling has
 * set. CloudFormation cannot do this: without a count it starts a task with a new service, which
 * never comes up in an account that may start no GPU, and with a count every update resets it.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ecs-service.html#cfn-ecs-service-desiredcount
 */
export class HeavyTaskCount extends Construct {
  readonly count: number;

  constructor(scope: Construct, id: string, core: Core, props: HeavyTaskCountProps) {
    super(scope, id);
    const { code, variables } = core;
    const { cluster, serviceName, serviceProperties, serviceTags } = props;
    const reader = new ServiceFunction(this, 'KeepTaskCount', core, {
      code: code.functions['keep-task-count'],
      description: 'Tells CloudFormation how many tasks the heavy service should have now',
      layers: [],
      memoryMb: MEMORY_MB,
      timeout: TIMEOUT,
      variables: variablesOf(keepTaskCountEnvironmentSchema, variables),
    });
    reader.allow(
      ['ecs:DescribeServices'],
      [
        Stack.of(this).formatArn({
          service: 'ecs',
          resource: 'service',
          resourceName: `${cluster.clusterName}/${serviceName}`,
        }),
      ],
    );
    acknowledge(reader, {
      'Serverless-LambdaDLQ': 'CloudFormation waits for the answer, and a missing one fails the deployment.',
    });
    const resource = new CfnCustomResource(this, 'Resource', {
      serviceToken: reader.invokeArn,
      serviceTimeout: ANSWER_WITHIN.toSeconds(),
    });
    const properties = { Cluster: cluster.clusterName, ServiceName: serviceName, ...serviceProperties };
    for (const [name, value] of Object.entries(properties)) resource.addPropertyOverride(name, value);
    resource.addPropertyOverride('ServiceTags', Lazy.any({ produce: serviceTags }));
    resource.node.addDependency(reader);
    this.count = Token.asNumber(resource.getAtt('Count'));
  }
}
