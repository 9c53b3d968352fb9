import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockDataFolder } from '../../local/data-lock.ts';
import { DataFolderInUseError } from '../../local/errors.ts';

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'autoswiftnet-lock-'));
});

afterEach(() => rm(dataDir, { recursive: true, force: true }));

test('only one stack can use a folder at a time, and the folder is free again after that', async () => {
  const unlock = await lockDataFolder(join(dataDir, 'new', 'folder'));

  await expect(lockDataFolder(join(dataDir, 'new', 'folder'))).rejects.toThrow(DataFolderInUseError);
  await unlock();
  const again = await lockDataFolder(join(dataDir, 'new', 'folder'));
  await again();

  expect(await readdir(join(dataDir, 'new', 'folder'))).toEqual([]);
});

test('a folder that another running process uses is refused, and the error names that process', async () => {
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await once(other, 'spawn');
  try {
    await writeFile(join(dataDir, 'lock'), JSON.stringify({ pid: other.pid, started: null }));

    await expect(lockDataFolder(dataDir)).rejects.toThrow(`is used by another local stack (process ${other.pid})`);
  } finally {
    other.kill('SIGKILL');
    await once(other, 'exit');
  }

  const unlock = await lockDataFolder(dataDir);
  expect(JSON.parse(await readFile(join(dataDir, 'lock'), 'utf8'))).toMatchObject({ pid: process.pid });
  await unlock();
});

test.each<string[]>([
  [
    'with this process id, from before a restart of the machine or container',
    JSON.stringify({ pid: process.pid, started: 'earlier' }),
  ],
  // Only Linux says when a process started.
  ...(process.platform === 'linux'
    ? [['of a process id that another program has now', JSON.stringify({ pid: process.ppid, started: '1' })]]
    : []),
  ['cut off', '{"pid":'],
  ['empty', ''],
])('a lock that was left behind is taken over: %s', async (_name, text) => {
  await writeFile(join(dataDir, 'lock'), text);

  const unlock = await lockDataFolder(dataDir);

  await expect(lockDataFolder(dataDir)).rejects.toThrow(DataFolderInUseError);
  await unlock();
});
