import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Consumer, openConsumer } from '../../../scripts/try-package/consumer.ts';
import { followPage } from '../../../scripts/try-package/follow-page.ts';
import type { Step } from '../../../scripts/try-package/page-session.ts';

const PROGRAM: Step = { kind: 'file', name: 'a.mjs', text: "console.log({ label: 'daisy', probability: 1 / 4 });" };
const RUN: Step = { kind: 'command', line: 'node a.mjs' };
const OUTPUT: Step = { kind: 'output', text: "{ label: 'daisy', probability: 0.25 }" };

let folder: string;
let typed: string[];
let shown: string[];
let consumer: Consumer;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'asn-follow-'));
  typed = [];
  shown = [];
  const real = openConsumer(folder);
  consumer = {
    ...real,
    run(line) {
      typed.push(line);
      return line.startsWith('npm ') ? Promise.resolve({ stdout: '', stderr: '' }) : real.run(line);
    },
  };
});

afterEach(() => rm(folder, { recursive: true }));

function follow(...steps: Step[]): Promise<void> {
  return followPage(
    { steps, picture: 'a.jpg' },
    { consumer, packed: '/tmp/packed.tgz', onCommand: (line) => shown.push(line) },
  );
}

function install(line = 'npm install --ignore-scripts autoswiftnet'): Step {
  return { kind: 'command', line };
}

test.each([
  'npm install --ignore-scripts autoswiftnet',
  'npm install --ignore-scripts ../autoswiftnet/autoswiftnet-0.1.0.tgz',
])('types the commands, with its own file in %j, and saves the program as it is', async (line) => {
  await follow(install(line), PROGRAM, RUN, OUTPUT);

  expect(typed).toEqual(['npm install --ignore-scripts /tmp/packed.tgz', 'node a.mjs']);
  expect(shown).toEqual([line, 'node a.mjs']);
  expect(await readFile(join(folder, 'a.mjs'), 'utf8')).toBe(PROGRAM.kind === 'file' && PROGRAM.text);
});

test('another output than on the page fails', async () => {
  await expect(follow(install(), PROGRAM, RUN, { ...OUTPUT, text: "{ label: 'rose' }" })).rejects.toThrow(
    "{ label: 'rose' }\nbut the program prints\n{ label: 'daisy', probability: 0.25 }",
  );
});

test('a program that fails, fails with what it printed', async () => {
  await expect(follow(install(), { ...PROGRAM, text: 'await open();' }, RUN)).rejects.toThrow(
    /^node a\.mjs\nfailed with exit code 1:\n.*ReferenceError: open is not defined/s,
  );
});

test('a page that installs something else, or nothing, fails before anything is run', async () => {
  await expect(follow(PROGRAM, RUN)).rejects.toThrow('how to install the package');
  await expect(follow(install('npm install autoswiftnet-pro'), PROGRAM, RUN)).rejects.toThrow('how to install');
  expect(typed).toEqual([]);
});
