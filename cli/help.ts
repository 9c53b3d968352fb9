import type { Command } from 'commander';

/**
 * Adds `help COMMAND…`, which shows the help of a command at any depth. Commander's own help
 * command stops at the first one: `help models fetch` would show the help of `models`.
 */
export function addHelp(program: Command): Command {
  program
    .helpCommand(false)
    .command('help')
    .argument('[command...]', 'a command, such as models fetch')
    .description('show the help of a command')
    .action((names: readonly string[]) => find(program, names).outputHelp());
  return program;
}

function find(program: Command, names: readonly string[]): Command {
  let found = program;
  for (const [place, name] of names.entries()) {
    const next = found.commands.find((command) => command.name() === name);
    if (next === undefined) {
      program.error(`error: unknown command '${names.slice(0, place + 1).join(' ')}'`, {
        code: 'commander.unknownCommand',
      });
    }
    found = next;
  }
  return found;
}
