import { ECSClient } from '@aws-sdk/client-ecs';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { logger } from '../log.ts';
import { answerCloudFormation } from './answer-cloudformation.ts';
import { readTaskCount } from './read-task-count.ts';

const ecs = new ECSClient();

/**
 * A custom resource of CloudFormation. Its attribute `Count` is the number of tasks that the
 * service should have now, so that an update of the service leaves it as it is.
 */
export async function handler(event: CloudFormationCustomResourceEvent): Promise<void> {
  await answerCloudFormation(event, logger, async () => {
    if (event.RequestType === 'Delete') return {};
    return { Count: await readTaskCount(ecs, event.ResourceProperties) };
  });
}
