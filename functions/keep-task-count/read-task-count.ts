import { DescribeServicesCommand, type ECSClient } from '@aws-sdk/client-ecs';
import * as z from 'zod';

/** The properties of the custom resource that name the service. */
const serviceSchema = z.object({ Cluster: z.string(), ServiceName: z.string() });

/**
 * Returns the desired count of an ECS service, or 0 if there is no such service yet.
 * @param properties of the custom resource: `Cluster` and `ServiceName`
 */
export async function readTaskCount(ecs: ECSClient, properties: unknown): Promise<number> {
  const { Cluster: cluster, ServiceName: name } = serviceSchema.parse(properties);
  const { services = [] } = await ecs.send(new DescribeServicesCommand({ cluster, services: [name] }));
  // A deleted service stays visible as INACTIVE for a while.
  const service = services.find(({ status }) => status === 'ACTIVE');
  return service?.desiredCount ?? 0;
}
