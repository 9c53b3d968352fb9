import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { AutoSwiftNetError, ImageTooLargeError } from '../classifier/errors.ts';
import type { ClassifyEntry } from '../classifier/index.ts';
import {
  type AnsweringModel,
  classificationJson,
  classificationText,
  knowledgeText,
  NO_MODEL,
} from './classification-output.ts';
import { type FoundImage, findImages, type LeftOut, leftOutText, NoImagesError } from './find-images.ts';
import { readImage, UnreadableFileError } from './read-image.ts';
import { oneLine, reportError } from './report-error.ts';
import type { Settings } from './settings.ts';

interface ClassifyCommandOptions {
  readonly model?: string;
  readonly top?: number;
  readonly json?: true;
  readonly url?: URL;
  readonly output?: string;
  readonly endpointUrl?: URL;
  readonly processes?: number;
}

/** A local model, or a remote API, that classifies images. */
interface Answerer {
  classify(bytes: Uint8Array, file: string): Promise<{ readonly entry: ClassifyEntry; readonly model: AnsweringModel }>;
  close(): Promise<void>;
}

export const DEFAULT_TOP = 5;
/** With `--output`: what `select` takes for each image, and a record keeps. */
export const DEFAULT_OUTPUT_TOP = 10;

export function classifyCommand(): Command {
  return new Command('classify')
    .description('classify images: JPEG, PNG, WebP, GIF, TIFF, AVIF or HEIC')
    .argument(
      '<file...>',
      'image files, or folders to search for images at any depth; the answers come in the same order, and in a folder by name; - reads an image from standard input; with --output also s3://BUCKET/PREFIX',
    )
    .option(
      '--model <name|package>',
      'name of a model, or folder of a model package (default: AUTOSWIFTNET_MODEL, else resnet50_swsl.int8, else sample)',
    )
    .option(
      '--url <url>',
      'send the images to this HTTP API, local or deployed, instead; --model then names a model of that API',
      parseUrl,
    )
    .option(
      '--top <n>',
      `number of labels per image (default: ${DEFAULT_TOP}, with --output ${DEFAULT_OUTPUT_TOP})`,
      parseTop,
    )
    .option('--json', 'print one line of JSON per image, and nothing else, to standard output')
    .addOption(
      new Option(
        '--output <file>',
        'classify all of them in a process for each core, and append one line of JSON per image to this file; images that have a line there are left out',
      ).conflicts(['json', 'url']),
    )
    .option('--processes <n>', 'with --output: how many processes (default: one for each core)', parseProcesses)
    .option('--endpoint-url <url>', 'with s3://: the address of S3 (default: AWS_ENDPOINT_URL_S3, else AWS)', parseUrl)
    .action(classifyFiles);
}

async function classifyFiles(
  files: readonly string[],
  options: ClassifyCommandOptions,
  command: Command,
): Promise<void> {
  const { output, endpointUrl, processes, top = DEFAULT_OUTPUT_TOP } = options;
  if (output !== undefined) {
    if (files.includes('-')) command.error('error: --output cannot classify standard input (-)');
    // The workers have this variable too, so all find the same S3.
    if (endpointUrl !== undefined) process.env['AWS_ENDPOINT_URL_S3'] = endpointUrl.href;
    const { runClassifyAll } = await import('./classify-all/run-classify-all.ts');
    return await runClassifyAll(files, { model: options.model, output, top, processes });
  }
  if (endpointUrl !== undefined) command.error('error: --endpoint-url needs --output and s3://BUCKET/PREFIX');
  if (processes !== undefined) command.error('error: --processes needs --output FILE');
  const remote = files.find((file) => file.startsWith('s3://'));
  if (remote !== undefined) command.error(`error: ${oneLine(remote)} needs --output FILE`);
  await classifyOneByOne(files, { top: DEFAULT_TOP, ...options });
}

type OneByOneOptions = ClassifyCommandOptions & { readonly top: number };

async function classifyOneByOne(files: readonly string[], options: OneByOneOptions): Promise<void> {
  const say = (line: string): boolean => process.stderr.write(`${line}\n`);
  const { readSettings } = await import('./settings.ts');
  const settings = readSettings();
  const { url } = options;
  // It is opened for the first image that can be read: for a name with a slip, nobody waits for the
  // download of a model.
  let answerer: Answerer | undefined;
  const open = async (): Promise<Answerer> => {
    answerer ??= url === undefined ? await openModel(options, settings, say) : openApi({ ...options, url }, say);
    return answerer;
  };
  const toOutput = options.json ? classificationJson : classificationText;
  try {
    for await (const { file, error } of imagesOf(files, say)) {
      const { entry, model, sha256 } = error
        ? { entry: { error }, model: NO_MODEL, sha256: undefined }
        : await classifyFile(file, settings.limits.maxBytes, open);
      if ('error' in entry) {
        reportError(entry.error, file);
        process.exitCode = 1;
      }
      await write(toOutput(file, entry, model, sha256));
    }
  } finally {
    await answerer?.close();
  }
}

async function openModel(
  { model, top, json }: OneByOneOptions,
  settings: Settings,
  say: (line: string) => void,
): Promise<Answerer> {
  const [{ blockOtherLoaders, openClassifier }, { chooseModel }] = await Promise.all([
    import('../classifier/index.ts'),
    import('./choose-model.ts'),
  ]);
  const requestedModel = model ?? settings.model;
  const packageDir = await chooseModel({ ...settings, requestedModel, say });
  // This must come after `chooseModel`, which may make a package and then draws images with the
  // loaders that are blocked here.
  blockOtherLoaders();
  const { limits, conceptThreshold } = settings;
  const classifier = await openClassifier(packageDir, { limits, conceptThreshold });
  // JSON says it with each answer, and `chooseModel` said it of a model that it took by itself.
  const knowledge = json || requestedModel === undefined ? null : knowledgeText(classifier.manifest);
  if (knowledge !== null) say(knowledge);
  return {
    async classify(bytes) {
      const [entry] = await classifier.classify([bytes], { top });
      if (!entry) throw new Error('the classifier returned no result for its one input');
      return { entry, model: classifier.manifest };
    },
    close: () => classifier.close(),
  };
}

function openApi(
  { url, model, top, json }: OneByOneOptions & { readonly url: URL },
  say: (line: string) => void,
): Answerer {
  let isTold = json === true;
  return {
    async classify(bytes, file) {
      const { classifyRemote } = await import('./classify-remote.ts');
      try {
        const answer = await classifyRemote(bytes, file, { url, model, top, say });
        const knowledge = isTold ? null : knowledgeText(answer.model);
        if (knowledge !== null) say(knowledge);
        isTold ||= knowledge !== null;
        return answer;
      } catch (error) {
        if (error instanceof AutoSwiftNetError) return { entry: { error }, model: NO_MODEL };
        throw error;
      }
    },
    async close() {},
  };
}

/**
 * Yields the files, and in the place of a folder its images. Says what a folder has besides them.
 */
async function* imagesOf(files: readonly string[], say: (line: string) => void): AsyncGenerator<FoundImage> {
  for (const file of files) {
    const isFolder = file !== '-' && (await stat(file).catch(() => null))?.isDirectory();
    if (!isFolder) {
      yield { file };
      continue;
    }
    const leftOut: LeftOut = { filesByEnding: new Map(), linksToFolders: 0 };
    let isEmpty = false;
    for await (const found of findImages(file, leftOut)) {
      isEmpty = found.error instanceof NoImagesError;
      yield found;
    }
    const text = leftOutText(leftOut);
    if (text !== '' && !isEmpty) say(`${oneLine(file)}: left out ${text}`);
  }
}

/**
 * Classifies one file. A file that cannot be read, or is not an image, becomes an entry with an
 * error. Only a fault of the model throws, because the other files would fail as well.
 * @param maxBytes larger files are refused
 */
async function classifyFile(
  file: string,
  maxBytes: number,
  open: () => Promise<Answerer>,
): Promise<Awaited<ReturnType<Answerer['classify']>> & { readonly sha256?: string }> {
  let bytes: Uint8Array;
  try {
    bytes = await readImage(file, maxBytes);
  } catch (error) {
    if (error instanceof UnreadableFileError || error instanceof ImageTooLargeError)
      return { entry: { error }, model: NO_MODEL };
    throw error;
  }
  const { classify } = await open();
  return { ...(await classify(bytes, file)), sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** Waits while standard output is slower than we are, so that answers do not pile up in memory. */
async function write(text: string): Promise<void> {
  if (text !== '' && !process.stdout.write(text)) await once(process.stdout, 'drain');
}

function parseTop(text: string): number {
  const top = Number(text);
  if (!/^\d{1,6}$/.test(text) || top < 1) throw new InvalidArgumentError('Use a whole number from 1 to 999999.');
  return top;
}

function parseProcesses(text: string): number {
  const processes = Number(text);
  if (!/^\d{1,3}$/.test(text) || processes < 1) throw new InvalidArgumentError('Use a whole number from 1 to 999.');
  return processes;
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '') {
    throw new InvalidArgumentError('Use an http or https URL without a user name, such as http://127.0.0.1:3000.');
  }
  return url;
}
