import { configurationSchema } from '../../infra/configuration/configuration.ts';
import { alarmRules } from '../../infra/monitoring/alarm-rules.ts';

/** A section for every alarm: what it means, what to look at, and what to do. */
export function alarmSections(): string {
  const rules = alarmRules({ ...configurationSchema.parse({}), stackName: 'NAME' }, 'REGION');
  return Object.entries(rules)
    .map(
      ([name, { meaning, lookAt, whatToDo }]) =>
        `### ${name}\n\n${meaning}\n\n- **Look at:** ${lookAt}\n- **Do:** ${whatToDo}`,
    )
    .join('\n\n');
}
