import type { Reason } from '../../functions/wire.ts';
import { oneLine } from '../report-error.ts';
import type { Letter, Subject } from './letter.ts';

/** Makes a line for each thing that a message asked for. */
export function letterText({ queue, sentAt, messageId, subjects, parkedFor, unreadable }: Letter): string {
  const head = `${queue}  ${sentAt ?? 'at an unknown time'}`;
  if (unreadable !== null) return line(`${head}  message ${messageId} cannot be read: ${unreadable}`);
  if (subjects.length === 0) return line(`${head}  message ${messageId} names no image`);
  const parked = parkedFor === null ? '' : `  parked: ${reasonText(parkedFor)}`;
  return subjects.map((subject) => line(`${head}  ${subject.what}  ${whyText(subject)}${parked}`)).join('');
}

function whyText({ state, reason }: Subject): string {
  if (state === null) return 'nothing is recorded';
  return reason === null ? state : `${state}: ${reasonText(reason)}`;
}

function reasonText({ code, message }: Reason): string {
  return `${message} (${code})`;
}

function line(text: string): string {
  return `${oneLine(text)}\n`;
}
