import { configurationSchema } from '../../infra/configuration/configuration.ts';
import { markdownTable, valueCell } from './markdown-table.ts';

/** The keys of the CDK app's configuration, in the order of their schema. */
export function configurationTable(): string {
  const defaults: Readonly<Record<string, unknown>> = configurationSchema.parse({});
  const rows = Object.entries(configurationSchema.shape).map(([key, { description }]) => {
    if (description === undefined)
      throw new Error(`${key} has no description: add .describe() in infra/configuration/configuration.ts`);
    return [`\`${key}\``, valueCell(defaults[key]), description];
  });
  return markdownTable(['key', 'default', 'meaning'], rows);
}
