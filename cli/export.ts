import { Command } from 'commander';
import { addDeploymentOptions } from './deployment/command-options.ts';
import type { ExportOptions } from './export-records/run-export.ts';

export function exportCommand(): Command {
  const command = new Command('export').description(
    'write every record of the table as a line of JSON; a run that was stopped goes on where it was',
  );
  return addDeploymentOptions(command)
    .option('--table <name>', 'the table itself, instead of a stack')
    .requiredOption('--output <file>', 'the file of JSON lines to write')
    .option('--force', 'replace the file if it exists')
    .action(async (options: ExportOptions) => {
      const { stack, url, table } = options;
      if (table !== undefined && (stack ?? url) !== undefined) {
        command.error('error: --table cannot be used with --stack or --url');
      }
      const { runExport } = await import('./export-records/run-export.ts');
      await runExport(options);
    });
}
