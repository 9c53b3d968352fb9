import { SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, DeleteMessageBatchCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { localSns, localSqs } from '../../local/clients.ts';
import { queueArn, RESULTS_TOPIC, topicArn } from '../../local/names.ts';

const resultSchema = z.object({
  key: z.string(),
  state: z.string(),
  predictions: z.array(z.object({ label: z.string() })),
});

/** What the results topic says of an image. */
export type Result = z.infer<typeof resultSchema>;

const NAME = 'load-results';
const READERS = 2;
const WAIT_SECONDS = 1;
const MOST_AT_ONCE = 10;

/**
 * Subscribes a queue to the results topic, and hands over each message.
 * @returns stops it
 */
export async function readResults(
  endpoints: { readonly sqs: string; readonly sns: string },
  onResult: (result: Result) => void,
): Promise<() => Promise<void>> {
  const [sqs, sns] = [localSqs(endpoints.sqs), localSns(endpoints.sns)];
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: NAME }));
  await sns.send(
    new SubscribeCommand({
      TopicArn: topicArn(RESULTS_TOPIC),
      Protocol: 'sqs',
      Endpoint: queueArn(NAME),
      Attributes: { RawMessageDelivery: 'true' },
    }),
  );
  let isOpen = true;

  async function read(): Promise<void> {
    while (isOpen) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: MOST_AT_ONCE, WaitTimeSeconds: WAIT_SECONDS }),
      );
      for (const { Body } of Messages) onResult(resultSchema.parse(JSON.parse(Body ?? '')));
      const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      if (Entries.length > 0) await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    }
  }
  const reading = Promise.all(Array.from({ length: READERS }, read));

  return async () => {
    isOpen = false;
    await reading;
    sqs.destroy();
    sns.destroy();
  };
}
