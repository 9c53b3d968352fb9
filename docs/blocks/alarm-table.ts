import { alarmRules } from '../../infra/alarm-rules.ts';
import { configurationSchema } from '../../infra/configuration.ts';
import { markdownTable } from './markdown-table.ts';

/** Every alarm: what it means and what to do. */
export function alarmTable(): string {
  const rows = Object.entries(alarmRules(configurationSchema.parse({}))).map(([name, { meaning, whatToDo }]) => [
    `\`${name}\``,
    meaning,
    whatToDo,
  ]);
  return markdownTable(['alarm', 'what it means', 'what to do'], rows);
}
