import { Aws, CfnCondition, Fn, Stack } from 'aws-cdk-lib';
import {
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  type ISubnet,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { acknowledge } from '../parts/acknowledge.ts';
import type { HeavyModelsProps } from './heavy-models-props.ts';
import type { HeavySettings } from './settings.ts';

/**
 * The only region in which most accounts may use two zones:
 * https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html
 */
const REGION_OF_TWO_ZONES = 'us-west-1';
const TWO_ZONES = 'TwoZones';
/** An endpoint serves all zones. More than one is for the case that a zone fails. */
const ENDPOINT_ZONES = 2;
const CIDR = '10.71.0.0/16';
const HTTPS = Port.tcp(443);

/** Services that the machines and the worker use and that have no free gateway endpoint. */
const INTERFACE_SERVICES = {
  EcrApi: InterfaceVpcEndpointAwsService.ECR,
  EcrDocker: InterfaceVpcEndpointAwsService.ECR_DOCKER,
  Ecs: InterfaceVpcEndpointAwsService.ECS,
  EcsAgent: InterfaceVpcEndpointAwsService.ECS_AGENT,
  EcsTelemetry: InterfaceVpcEndpointAwsService.ECS_TELEMETRY,
  Logs: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
  Sqs: InterfaceVpcEndpointAwsService.SQS,
  Sns: InterfaceVpcEndpointAwsService.SNS,
} as const;

/** A network that is given, or the kind of the one that is created. */
export type HeavyNetworkProps = Pick<HeavyModelsProps, 'vpc' | 'subnets'> & Pick<HeavySettings, 'network'>;

/**
 * The network of the GPU machines. `public` means public subnets without an inbound rule, so that
 * nothing costs money while no machine runs. `private` means no internet access, and interface
 * endpoints that cost money by the hour. S3 and DynamoDB use gateway endpoints in both, which are
 * free.
 */
export class HeavyNetwork extends Construct {
  readonly vpc: IVpc;
  /** Security group of the machines: all outbound traffic, no inbound traffic. */
  readonly machines: SecurityGroup;

  /** Subnets of the machines. */
  readonly subnets: ISubnet[];

  constructor(scope: Construct, id: string, props: HeavyNetworkProps) {
    super(scope, id);
    this.vpc = props.vpc ?? this.createVpc(props.network);
    this.subnets = this.chooseSubnets(props);
    this.machines = new SecurityGroup(this, 'MachinesGroup', {
      vpc: this.vpc,
      description: 'GPU machines: all outbound traffic, no inbound traffic',
    });
    if (props.vpc === undefined && props.network === 'private') this.addEndpoints();
  }

  private chooseSubnets({ vpc, subnets, network }: HeavyNetworkProps): ISubnet[] {
    if (vpc !== undefined) return vpc.selectSubnets(subnets).subnets;
    return network === 'public' ? this.vpc.publicSubnets : this.vpc.isolatedSubnets;
  }

  private createVpc(network: HeavySettings['network']): IVpc {
    const subnetType = network === 'public' ? SubnetType.PUBLIC : SubnetType.PRIVATE_ISOLATED;
    const vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr(CIDR),
      availabilityZones: threeZones(this),
      natGateways: 0,
      subnetConfiguration: [{ name: 'Machines', subnetType }],
      gatewayEndpoints: {
        S3: { service: GatewayVpcEndpointAwsService.S3 },
        DynamoDb: { service: GatewayVpcEndpointAwsService.DYNAMODB },
      },
    });
    acknowledge(vpc, {
      'AwsSolutions-VPC7':
        'Nothing can connect to its machines. They talk to AWS services only, and those keep their own logs.',
    });
    // Under exactOptionalPropertyTypes, the classes of the CDK do not quite match its interfaces.
    return vpc as IVpc;
  }

  private addEndpoints(): void {
    const securityGroup = new SecurityGroup(this, 'EndpointsGroup', {
      vpc: this.vpc,
      description: 'VPC endpoints of AWS services: HTTPS from the GPU machines',
      allowAllOutbound: false,
    });
    securityGroup.addIngressRule(Peer.securityGroupId(this.machines.securityGroupId), HTTPS);
    for (const [name, service] of Object.entries(INTERFACE_SERVICES)) {
      this.vpc.addInterfaceEndpoint(name, {
        service,
        securityGroups: [securityGroup],
        subnets: { subnets: this.vpc.isolatedSubnets.slice(0, ENDPOINT_ZONES) },
        open: false,
      });
    }
  }
}

/**
 * Names three zones of whatever region the stack goes to: with more zones, a GPU is available more
 * often. Where there are two, the third subnet shares a zone. The CDK alone would name two.
 */
function threeZones(scope: Construct): string[] {
  const zone = (index: number) => Fn.select(index, Fn.getAzs());
  const two = twoZones(scope);
  return [zone(0), zone(1), Fn.conditionIf(two.logicalId, zone(1), zone(2)).toString()];
}

/** Finds or makes the condition that the region has two zones. A stack needs it once. */
function twoZones(scope: Construct): CfnCondition {
  const found = Stack.of(scope)
    .node.findAll()
    .find((construct) => construct instanceof CfnCondition && construct.node.id === TWO_ZONES);
  if (found instanceof CfnCondition) return found;
  const expression = Fn.conditionEquals(Aws.REGION, REGION_OF_TWO_ZONES);
  return new CfnCondition(scope, TWO_ZONES, { expression });
}
