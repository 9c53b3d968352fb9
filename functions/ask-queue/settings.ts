import * as z from 'zod';
import { environmentSchema } from '../environment.ts';

/** The only variable of this function. The heavy queue must exist. */
export const askQueueEnvironmentSchema = z.object({
  AUTOSWIFTNET_HEAVY_QUEUE_URL: environmentSchema.shape.AUTOSWIFTNET_HEAVY_QUEUE_URL.unwrap().unwrap(),
});

/**
 * Hours between two calls. SQS stops reporting the metrics of a queue that nobody has called for
 * six hours, and may take 15 minutes to report them again. The alarm that starts the first GPU task
 * would be that late.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/monitoring-using-cloudwatch.html
 */
export const ASK_INTERVAL_HOURS = 4;
