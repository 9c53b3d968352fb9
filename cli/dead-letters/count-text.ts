import { LOOK_SECONDS, type Peeked } from './peek.ts';

/**
 * Says of a queue how many messages were listed.
 * @param waiting about how many there are
 */
export function countText(queue: string, { messages, isStopped }: Peeked, waiting: number): string {
  const seen = messages.length;
  const of = waiting > seen ? `, of about ${waiting}` : '';
  return `${queue}: ${seen} ${seen === 1 ? 'message' : 'messages'}${of}${moreText(of !== '', isStopped)}\n`;
}

function moreText(isMore: boolean, isStopped: boolean): string {
  if (isStopped) return `; stopped: no more could be looked at within ${LOOK_SECONDS} s`;
  return isMore ? '; --limit shows more' : '';
}
