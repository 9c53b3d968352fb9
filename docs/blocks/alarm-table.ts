import { configurationSchema } from '../../infra/configuration/configuration.ts';
import { alarmRules } from '../../infra/monitoring/alarm-rules.ts';
import { markdownTable } from './markdown-table.ts';

/** Every alarm: what it means and what to do. */
export function alarmTable(): string {
  const rules = alarmRules({ ...configurationSchema.parse({}), stackName: 'NAME' }, 'REGION');
  const rows = Object.entries(rules).map(([name, { meaning, whatToDo }]) => [`\`${name}\``, meaning, whatToDo]);
  return markdownTable(['alarm', 'what it means', 'what to do'], rows);
}
