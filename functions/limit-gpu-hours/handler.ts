import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ECSClient } from '@aws-sdk/client-ecs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { ScheduledEvent } from 'aws-lambda';
import { readEnvironment } from '../environment.ts';
import { logger, metrics } from '../log.ts';
import { openGpuService } from './gpu-service.ts';
import { limitGpuHours } from './limit-gpu-hours.ts';
import { createLimitReport } from './report.ts';
import { limitGpuHoursEnvironmentSchema } from './settings.ts';
import { openUsageStore } from './usage-store.ts';

const settings = readEnvironment(limitGpuHoursEnvironmentSchema, process.env);
const hoursPerDay = settings.AUTOSWIFTNET_GPU_HOURS_PER_DAY;
const clients = { ecs: new ECSClient(), scaling: new ApplicationAutoScalingClient() };
const dependencies = {
  service: openGpuService(clients, settings.AUTOSWIFTNET_GPU_CLUSTER, settings.AUTOSWIFTNET_GPU_SERVICE),
  store: openUsageStore(DynamoDBDocumentClient.from(new DynamoDBClient()), settings.AUTOSWIFTNET_TABLE),
  hoursPerDay,
  report: createLimitReport(logger, metrics, hoursPerDay),
};

/** Counts GPUs on a schedule, and stops the service once the hours of the day are used up. */
export async function handler({ time }: Pick<ScheduledEvent, 'time'>): Promise<void> {
  await limitGpuHours(time, dependencies);
}
