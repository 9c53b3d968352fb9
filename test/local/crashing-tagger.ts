import type { Context, SQSEvent } from 'aws-lambda';

/**
 * The tagging function, which dies of a picture whose name contains `bomb`. It prints the message
 * ids of each batch. The model is opened only if it lives.
 */
export async function handler(event: SQSEvent, context: Context): Promise<unknown> {
  process.stdout.write(`${JSON.stringify({ ran: event.Records.map(({ messageId }) => messageId) })}\n`);
  if (event.Records.some(({ body }) => body.includes('bomb'))) process.kill(process.pid, 'SIGKILL');
  const { handler: tag } = await import('../../functions/tag-upload/handler.ts');
  return tag(event, context);
}
