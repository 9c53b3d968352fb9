import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { DEFAULT_PORT } from '../local/names.ts';
import type { Stack } from '../local/stack.ts';
import { oneLine } from './report-error.ts';
import { isInterruption, reportLine } from './report-line.ts';

interface StartCommandOptions {
  readonly port: number;
  readonly data: string;
  readonly model?: string;
  readonly heavyModel?: string;
}

export const DEFAULT_DATA_DIR = '.autoswiftnet';

/** An image of the clone, and the key to upload it under. */
const EXAMPLE = { path: '../models/sample/images/daisy-1.jpg', key: 'daisy.jpg' };

/**
 * The stack stops well within this time. After it, the process ends anyway: a killed stack loses
 * nothing either.
 */
const SHUTDOWN_LIMIT_MS = 4_500;

/** Exit code of a process that Ctrl-C ended, as shells define it. */
const EXIT_INTERRUPTED = 130;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function startCommand(): Command {
  return new Command('start')
    .description(
      'run everything on this machine: S3, queues, table, functions and page; needs no AWS account and no Docker',
    )
    .option(
      '--port <n>',
      'port of the page and the HTTP API; the local AWS services use the three ports after it if they are free',
      parsePort,
      DEFAULT_PORT,
    )
    .option('--data <dir>', 'folder where objects and records are kept', DEFAULT_DATA_DIR)
    .option(
      '--model <name|package>',
      'name of a model, or folder of a model package (default: AUTOSWIFTNET_MODEL, else resnet50_swsl.int8, else sample)',
    )
    .option(
      '--heavy-model <name|package>',
      'a second model that answers through the queue, as the heavy service does on AWS; used for POST /classify?model=NAME and model=auto (default: AUTOSWIFTNET_HEAVY_MODEL, else none)',
    )
    .action(start);
}

async function start(options: StartCommandOptions): Promise<void> {
  const stopping = new AbortController();
  const stopped = stopOnSignals(stopping);
  const stack = await bringUp(options, stopping).catch((error: unknown) => {
    // A start that was interrupted may fail in any way, so its error says nothing.
    if (!stopping.signal.aborted) throw error;
  });
  if (stack !== undefined) {
    if (!stopping.signal.aborted) say(welcome(stack));
    await stopped;
    await stack.close();
  }
  // Idle sockets of the SDK must not keep the process alive.
  process.exit();
}

async function bringUp(options: StartCommandOptions, stopping: AbortController): Promise<Stack> {
  const [
    { startStack },
    { requireUnused },
    { readStackSettings },
    { chooseModel },
    { readSettings },
    { ignoredVariables },
  ] = await Promise.all([
    import('../local/stack.ts'),
    import('../local/data-lock.ts'),
    import('../local/stack-settings.ts'),
    import('./choose-model.ts'),
    import('./settings.ts'),
    import('./ignored-variables.ts'),
  ]);
  const settings = readSettings();
  // The stack checks its settings and its folder itself, but a model that must be downloaded or
  // made comes first.
  readStackSettings(process.env);
  for (const text of ignoredVariables(process.env)) say(`warning: ${text}`);
  await requireUnused(options.data);
  const packageDir = await chooseModel({ ...settings, requestedModel: options.model ?? settings.model, say });
  const heavyPackageDirs: string[] = [];
  for (const requestedModel of [options.heavyModel ?? settings.heavyModel ?? [], settings.furtherHeavyModels].flat()) {
    heavyPackageDirs.push(await chooseModel({ ...settings, requestedModel, say }));
  }
  const [heavyPackageDir, ...furtherHeavyPackageDirs] = heavyPackageDirs;
  stopping.signal.throwIfAborted();
  say(`opening the model ${oneLine(packageDir)}`);
  if (heavyPackageDir !== undefined) say(`opening the heavy model ${oneLine(heavyPackageDir)}`);
  return startStack({
    port: options.port,
    dataDir: options.data,
    packageDir,
    ...(heavyPackageDir === undefined ? {} : { heavyPackageDir, furtherHeavyPackageDirs }),
    signal: stopping.signal,
    onReport(report) {
      if (!(stopping.signal.aborted && isInterruption(report))) say(reportLine(report));
    },
  });
}

/** Resolves at the first signal. The second signal ends the process at once. */
function stopOnSignals(stopping: AbortController): Promise<void> {
  return new Promise((resolve) => {
    const onSignal = () => {
      if (stopping.signal.aborted) process.exit(EXIT_INTERRUPTED);
      say('stopping; unfinished work continues at the next start');
      stopping.abort();
      setTimeout(() => process.exit(), SHUTDOWN_LIMIT_MS).unref();
      resolve();
    };
    for (const signal of SIGNALS) process.on(signal, onSignal);
  });
}

function welcome({ url, health: { endpoints, bucket, models }, requeued }: Stack): string {
  const example = fileURLToPath(new URL(EXAMPLE.path, import.meta.url));
  const file = existsSync(example) ? shellWord(relative('', example)) : 'PICTURE';
  const aws = 'AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_DEFAULT_REGION=us-east-1 aws';
  const endpoint = `--endpoint-url ${endpoints.s3}`;
  return [
    ...(requeued > 0
      ? [
          `${requeued} unfinished ${requeued === 1 ? 'task of an earlier run was' : 'tasks of an earlier run were'} queued again`,
        ]
      : []),
    `ready ${url}`,
    `${models.length === 1 ? 'model' : 'models'}: ${models.join(', ')}. To tag an image and see its tags:`,
    `  ${aws} s3 cp ${file} s3://${bucket}/${EXAMPLE.key} ${endpoint}`,
    `  ${aws} s3api get-object-tagging --bucket ${bucket} --key ${EXAMPLE.key} ${endpoint}`,
    'Press Ctrl-C to stop.',
  ].join('\n');
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function shellWord(text: string): string {
  return /^[\w./+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) {
    throw new InvalidArgumentError('Use a port number from 0 (any free port) to 65535.');
  }
  return port;
}
