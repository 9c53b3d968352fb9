import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';

/** What SQS says about a queue. All numbers are approximate. */
export interface QueueFacts {
  readonly arn: string;
  readonly waiting: number;
  /** Received by someone and not deleted yet. */
  readonly inWork: number;
  /** ARN of the queue for what fails too often, if there is one. */
  readonly deadLettersArn: string | null;
  /** The policy as JSON text, if there is one. */
  readonly policy: string | null;
}

const redrivePolicySchema = z.object({ deadLetterTargetArn: z.string() });

export async function readQueueFacts(sqs: SQSClient, url: string, signal?: AbortSignal): Promise<QueueFacts> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }),
    signal && { abortSignal: signal },
  );
  const { RedrivePolicy, Policy, QueueArn = '' } = Attributes;
  return {
    arn: QueueArn,
    waiting: Number(Attributes['ApproximateNumberOfMessages'] ?? 0),
    inWork: Number(Attributes['ApproximateNumberOfMessagesNotVisible'] ?? 0),
    deadLettersArn: RedrivePolicy ? redrivePolicySchema.parse(JSON.parse(RedrivePolicy)).deadLetterTargetArn : null,
    policy: Policy ?? null,
  };
}
