import { commandLineSchema } from '../../cli/settings.ts';
import { leafCommands } from '../../docs/blocks/command-tables.ts';
import { readPage } from './markdown-files.ts';

test('the page has every command, and no other', () => {
  const [, table = ''] = readPage('docs/command-line.md').split('| command | what it does | more |');

  const onPage = [...(table.split('\n\n')[0] ?? '').matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);

  expect(onPage.sort()).toEqual(
    leafCommands()
      .map(({ name }) => name)
      .sort(),
  );
});

test.each([
  ['doctor', 'docs/doctor.md'],
  ['backfill', 'docs/backfill.md'],
])('the page of %s has each of its options', (group, page) => {
  const commands = leafCommands().filter(({ name }) => name.split(' ')[0] === group);
  const options = new Set(commands.flatMap(({ command }) => command.options.map(({ long }) => long ?? '')));

  const text = readPage(page);

  expect(options.size).toBeGreaterThan(5);
  expect([...options].filter((option) => !new RegExp(`${option}\\b`).test(text))).toEqual([]);
});

test('the page has every environment variable that the command line reads, and no other', () => {
  const [, section = ''] = readPage('docs/command-line.md').split('## Settings');

  const onPage = [...section.matchAll(/`(AUTOSWIFTNET_[A-Z_]+)`/g)].map(([, name]) => name);

  expect([...new Set(onPage)].sort()).toEqual(Object.keys(commandLineSchema.shape).sort());
});
