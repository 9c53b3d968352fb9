import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { readEnvironment } from '../environment.ts';
import { createSqsClient } from '../sqs-client.ts';
import { askQueueEnvironmentSchema } from './settings.ts';

const { AUTOSWIFTNET_HEAVY_QUEUE_URL: QueueUrl } = readEnvironment(askQueueEnvironmentSchema, process.env);
const sqs = createSqsClient(process.env);

/** Asks the heavy queue for an attribute. The call is what counts, its answer is not used. */
export async function handler(): Promise<void> {
  await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }));
}
