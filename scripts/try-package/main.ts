/**
 * Installs the built package in an empty folder, as a user would, and does there what README says.
 *
 *   npm run try-package                                      builds the package first
 *   node --import tsx scripts/try-package/main.ts [DIST]
 *
 * It needs npm's registry. When something does not work, it prints why and exits with 1.
 */
import { deepStrictEqual } from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../../classifier/message-of.ts';
import { checksums, openConsumer } from './consumer.ts';
import { followPage } from './follow-page.ts';
import { pack } from './pack.ts';
import { pageSession } from './page-session.ts';
import { tryCommands } from './try-commands.ts';
import { type CdkVersions, tryExamples, tryWithoutCdk } from './try-constructs.ts';
import { tryStart } from './try-start.ts';
import { tryTypes } from './try-types.ts';

const SECTION = 'Use it as a library';

/** The oldest versions of the peers' range in package.json, and the newest that were tried. */
const CDK_VERSIONS: readonly CdkVersions[] = [
  { cdk: '2.271.0', constructs: '10.5.1', nag: '3.0.2' },
  { cdk: '2.276.0', constructs: '10.8.1', nag: '3.0.2' },
];

const root = fileURLToPath(new URL('../..', import.meta.url));
const dist = resolve(process.argv[2] ?? join(root, 'dist'));
const work = mkdtempSync(join(tmpdir(), 'autoswiftnet-try-'));
try {
  await tryPackage();
} catch (error) {
  process.stderr.write(`the package does not work: ${messageOf(error)}\n`);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}

async function tryPackage(): Promise<void> {
  const session = pageSession(readFileSync(join(root, 'README.md'), 'utf8'), SECTION);
  const { file, version, paths, packedBytes, unpackedBytes } = pack(dist, work);
  say(`packed: ${paths.length} files, ${packedBytes} bytes, ${unpackedBytes} unpacked`);

  const consumer = openConsumer(join(work, 'app'));
  mkdirSync(consumer.folder);
  await consumer.run('npm init -y');
  copyFileSync(join(root, session.picture), join(consumer.folder, 'photo.jpg'));
  await step('the README', () =>
    followPage(session, { consumer, packed: file, onCommand: (line) => say(`$ ${line}`) }),
  );

  const installed = join(consumer.folder, 'node_modules/autoswiftnet');
  const before = checksums(installed);
  const programs = session.steps.flatMap((one) => (one.kind === 'file' ? [one.text] : []));
  await step('the types', () => tryTypes(consumer, programs, root));
  await step('the library without the CDK', () => tryWithoutCdk(consumer));
  await step('the command line', () => tryCommands(consumer, version));
  await step('start', () => tryStart(consumer, version));
  for (const versions of CDK_VERSIONS) {
    await step(`the examples with CDK ${versions.cdk}`, () => tryExamples(consumer, root, versions));
  }
  deepStrictEqual(checksums(installed), before, 'something was written into node_modules/autoswiftnet');
  say('the package works');
}

async function step(name: string, work: () => Promise<void>): Promise<void> {
  const start = performance.now();
  await work();
  say(`${name}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
