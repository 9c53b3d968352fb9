import { basename } from 'node:path';
import { apiEnvironmentSchema } from '../../functions/api/settings.ts';
import { backfillEnvironmentSchema } from '../../functions/backfill/settings.ts';
import { deadLettersEnvironmentSchema } from '../../functions/dead-letters/settings.ts';
import { type EnvironmentName, environmentSchema } from '../../functions/environment.ts';
import { gpuWorkerEnvironmentSchema } from '../../functions/gpu-worker/settings.ts';
import { limitGpuHoursEnvironmentSchema } from '../../functions/limit-gpu-hours/settings.ts';
import { tagUploadEnvironmentSchema } from '../../functions/tag-upload/settings.ts';
import { markdownTable, valueCell } from './markdown-table.ts';

type Group = 'settings' | 'worker-settings' | 'deployment-settings';

const NAMES = Object.keys(environmentSchema.shape) as EnvironmentName[];
const FUNCTIONS = [
  apiEnvironmentSchema.shape,
  tagUploadEnvironmentSchema.shape,
  backfillEnvironmentSchema.shape,
  deadLettersEnvironmentSchema.shape,
  limitGpuHoursEnvironmentSchema.shape,
];
const WORKER = gpuWorkerEnvironmentSchema.shape;

/** Environment variables: those that people set, those of the heavy worker alone, and those that a deployment sets itself. */
export function settingsTables(): [Group, string][] {
  const groups: Group[] = ['settings', 'worker-settings', 'deployment-settings'];
  return groups.map((group) => {
    const rows = NAMES.filter((name) => groupOf(name) === group).map((name) => rowOf(name, group));
    return [
      group,
      markdownTable(
        group === 'deployment-settings' ? ['variable', 'meaning'] : ['variable', 'default', 'meaning'],
        rows,
      ),
    ];
  });
}

/** What some process cannot start without comes from the deployment or the local stack. */
function groupOf(name: EnvironmentName): Group {
  const fields = [...FUNCTIONS, WORKER].flatMap((shape) => (name in shape ? [shape[name as keyof typeof shape]] : []));
  if (fields.some((field) => !field.safeParse(undefined).success)) return 'deployment-settings';
  return name in WORKER && !FUNCTIONS.some((shape) => name in shape) ? 'worker-settings' : 'settings';
}

function rowOf(name: EnvironmentName, group: Group): string[] {
  const { description } = environmentSchema.shape[name];
  if (description === undefined)
    throw new Error(`${name} has no description: add .describe() in functions/environment.ts`);
  return group === 'deployment-settings' ? [`\`${name}\``, description] : [`\`${name}\``, defaultOf(name), description];
}

function defaultOf(name: EnvironmentName): string {
  if (name === 'AUTOSWIFTNET_MODEL_CACHE')
    return `\`${basename(String(parsedDefault(name)))}\` in the system's temporary folder`;
  if (name === 'AUTOSWIFTNET_OFFLINE') return valueCell(Number(parsedDefault(name)));
  return valueCell(parsedDefault(name));
}

function parsedDefault(name: EnvironmentName): unknown {
  return environmentSchema.shape[name].safeParse(undefined).data;
}
