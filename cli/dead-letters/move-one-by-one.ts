import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';

/**
 * Moves the messages of a queue one by one, for an SQS that cannot do so itself, as the local one.
 * A message is deleted once its copy is sent: after a crash it may be there twice, and both
 * queues' readers take a message twice without harm.
 * @param count moves no more, so that what fails again is not moved again
 * @returns how many were moved
 */
export async function moveOneByOne(sqs: SQSClient, fromUrl: string, toUrl: string, count: number): Promise<number> {
  for (let moved = 0; moved < count; moved += 1) {
    const { Messages: [message] = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: fromUrl, MaxNumberOfMessages: 1, MessageAttributeNames: ['All'] }),
    );
    if (message === undefined) return moved;
    const { Body, MessageAttributes, ReceiptHandle } = message;
    await sqs.send(new SendMessageCommand({ QueueUrl: toUrl, MessageBody: Body, MessageAttributes }));
    await sqs.send(new DeleteMessageCommand({ QueueUrl: fromUrl, ReceiptHandle }));
  }
  return count;
}
