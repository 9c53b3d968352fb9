import { DeleteMessageBatchCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import type { Check, Visit } from '../check.ts';
import { fault, sound } from '../finding.ts';
import { functionLogs } from '../function-logs.ts';
import { poll } from '../poll.ts';

const WAIT_SECONDS = 2;
const BATCH = 10;

const resultSchema = z.object({ key: z.string(), state: z.string() });

/** The result of the picture is published to the results topic. */
export const result: Check = {
  name: 'result',
  needs: ['results-topic', 'record'],
  actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage'],
  async run(visit) {
    const { deployment, signal } = visit;
    const state = await poll(signal, () => receive(visit));
    if (state !== null) return sound(`the topic published it: ${state}`);
    return fault({
      expected: `a result of the picture from ${deployment.resultsTopicArn}`,
      found: 'none',
      cure: `The function may not publish, or the topic's policy refuses the subscription. ${functionLogs(deployment, 'tagging')}`,
    });
  },
};

/** @returns the state of our picture, or null if only others' results came */
async function receive({ deployment: { clients }, trial, signal }: Visit): Promise<string | null> {
  const QueueUrl = trial.listener?.queueUrl ?? '';
  const { Messages = [] } = await clients.sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: BATCH, WaitTimeSeconds: WAIT_SECONDS }),
    { abortSignal: signal },
  );
  if (Messages.length === 0) return null;
  const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
  await clients.sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }), { abortSignal: signal });
  const results = Messages.map(({ Body = '' }) => resultSchema.parse(JSON.parse(Body)));
  return results.find(({ key }) => key === trial.key)?.state ?? null;
}
