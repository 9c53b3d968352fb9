import type { Command } from 'commander';
import { program } from '../../cli/program.ts';
import { markdownTable } from './markdown-table.ts';

/** Every command with its arguments and options, as `--help` lists them. */
export function commandTables(): string {
  return leafCommands()
    .map(({ command, name }) => `### ${name}\n\n\`${usage(command, name)}\`\n\n${optionTable(command)}`)
    .join('\n\n');
}

/** A command that does something; `help` and the groups of commands do not. */
export interface Leaf {
  readonly command: Command;
  /** With the commands above it: `backfill start`. */
  readonly name: string;
}

export function leafCommands(): Leaf[] {
  return leavesOf(program(), []);
}

function leavesOf({ commands }: Command, above: readonly string[]): Leaf[] {
  return commands
    .filter((command) => command.name() !== 'help')
    .flatMap((command) => {
      const path = [...above, command.name()];
      return command.commands.length === 0 ? [{ command, name: path.join(' ') }] : leavesOf(command, path);
    });
}

function usage(command: Command, name: string): string {
  return ['npx autoswiftnet', name, command.usage()].join(' ');
}

function optionTable(command: Command): string {
  const help = command.createHelp();
  const rows = [
    ...command.registeredArguments.map((argument) => [argument.name(), help.argumentDescription(argument)]),
    ...command.options.map((option) => [option.flags, help.optionDescription(option)]),
  ];
  return markdownTable(
    ['argument or option', 'meaning'],
    rows.map(([term = '', meaning = '']) => [`\`${term}\``, meaning]),
  );
}
