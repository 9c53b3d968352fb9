import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { commandLineSchema } from '../../cli/settings.ts';
import { readPage } from './markdown-files.ts';

const COMMAND = fileURLToPath(new URL('../../cli/autoswiftnet.js', import.meta.url));

/** Commands that have commands of their own. */
const GROUPS: readonly string[] = ['backfill', 'dead-letters', 'models'];

/** Names of the commands that `--help` lists. */
async function commandsOf(...group: string[]): Promise<string[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [COMMAND, ...group, '--help'], {
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const [, list = ''] = stdout.split('Commands:\n');
  return [...list.matchAll(/^ {2}([a-z-]+)\b/gm)].map(([, name = '']) => name).filter((name) => name !== 'help');
}

test('the page has every command, and no other', async () => {
  const all = await commandsOf();
  const grouped = await Promise.all(
    GROUPS.map(async (group) => (await commandsOf(group)).map((name) => `${group} ${name}`)),
  );
  const [, table = ''] = readPage('docs/command-line.md').split('| command | what it does | more |');

  const onPage = [...(table.split('\n\n')[0] ?? '').matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);

  const single = all.filter((name) => !GROUPS.includes(name));
  expect(grouped.flat().length).toBeGreaterThan(5);
  expect(onPage.sort()).toEqual([...single, ...grouped.flat()].sort());
});

test('the page has every environment variable that the command line reads, and no other', () => {
  const [, section = ''] = readPage('docs/command-line.md').split('## Settings');

  const onPage = [...section.matchAll(/`(AUTOSWIFTNET_[A-Z_]+)`/g)].map(([, name]) => name);

  expect(onPage.sort()).toEqual(Object.keys(commandLineSchema.shape).sort());
});
