import { stat } from 'node:fs/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type DeploymentOptions, findDeployment } from '../deployment/find-deployment.ts';
import { callingServices } from '../deployment/service-error.ts';
import { OutputExistsError } from '../json-lines/errors.ts';
import { numberText } from '../number-text.ts';
import { RateBar } from '../progress-bar.ts';
import { oneLine, reportError } from '../report-error.ts';
import { readCheckpoint } from './checkpoint.ts';
import { exportRecords } from './export-records.ts';

export interface ExportOptions extends DeploymentOptions {
  /** The table itself, without a stack. */
  readonly table?: string;
  readonly output: string;
  readonly force?: true;
}

const FIND_SECONDS = 60;

/** Exports a table, and tells the progress on standard error. */
export async function runExport(options: ExportOptions): Promise<void> {
  const { client, table } = await openTable(options);
  const { output } = options;
  const begun = options.force ? null : await readCheckpoint(output, table);
  if (begun === null && !options.force) await requireNew(output);
  if (begun !== null) say(`${oneLine(output)} has ${begun.records} records already; the export goes on after them`);
  process.once('SIGINT', () => say('\nstopped; the same command goes on where it was'));
  const bar = new RateBar(`export ${table}`, 'items');
  const before = begun?.items ?? 0;
  try {
    const { records, unreadable } = await exportRecords({
      client,
      table,
      output,
      begun,
      onProgress: (items, total) =>
        bar.update({ done: items - before, before, total: total === null ? null : Math.max(total, items) }),
      onUnreadable(error) {
        bar.stop();
        reportError(error);
      },
    });
    bar.stop();
    const left = unreadable === 0 ? '' : `; left out: ${numberText(unreadable)} that could not be read`;
    say(`${numberText(records)} records exported to ${oneLine(output)}${left}`);
    if (unreadable > 0) process.exitCode = 1;
  } finally {
    bar.stop();
    client.destroy();
  }
}

async function openTable(options: ExportOptions): Promise<{ client: DynamoDBDocumentClient; table: string }> {
  const { table, region } = options;
  if (table !== undefined) {
    const client = new DynamoDBClient(region === undefined ? {} : { region });
    return { client: DynamoDBDocumentClient.from(client), table };
  }
  const deployment = await callingServices(['cloudformation:DescribeStacks'], () =>
    findDeployment(options, { seconds: FIND_SECONDS }),
  );
  return { client: DynamoDBDocumentClient.from(deployment.clients.dynamodb), table: deployment.table };
}

async function requireNew(output: string): Promise<void> {
  if ((await stat(output).catch(() => null)) !== null) throw new OutputExistsError(output);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
