import { stat } from 'node:fs/promises';
import { InvalidLineError } from '../json-lines/errors.ts';
import { type Answer, parseAnswer } from '../json-lines/parse-answer.ts';
import { type Line, readLines } from '../json-lines/read-lines.ts';
import { openWhole } from '../json-lines/write-whole.ts';
import { ProgressBar } from '../progress-bar.ts';
import { manifestEntries } from './manifest.ts';
import { type LineCounts, reportJson, reportText } from './report.ts';
import { openShardFolder } from './shard-folder.ts';
import { shardLists } from './shard-lists.ts';
import { MixedModelsError, type SelectedClass, TeacherSelection } from './teacher-selection.ts';

export interface SelectOptions {
  readonly perClass: number;
  readonly perImage: number;
  readonly out: string;
  /** Only answers of this model count. Default: all answers must be of one model. */
  readonly model?: string;
  /** The folder for lists of WebDataset shards. Default: none are made. */
  readonly shards?: string;
  readonly shardSize: number;
  readonly force?: true;
  readonly json?: true;
}

/** Selects images from files of answers, writes the manifest and the lists, and prints a report. */
export async function runSelect(files: readonly string[], options: SelectOptions): Promise<void> {
  const force = options.force === true;
  // The output is opened first: a wrong path must not be found after an hour of reading.
  const manifest = await openWhole(options.out, force);
  try {
    const shards = options.shards === undefined ? null : await openShardFolder(options.shards, force);
    const counts: LineCounts = { answers: 0, unclassified: 0, otherModels: 0, short: 0 };
    const classes = await select(files, options, counts);
    await manifest.write(manifestEntries(classes));
    // The manifest gets its name last: where it is, the lists are complete.
    await shards?.write(shardLists(classes, options.shardSize));
    await manifest.finish();
    if (counts.short > 0) process.stderr.write(shortAnswersText(counts.short, options.perImage));
    process.stdout.write(options.json ? reportJson(classes, counts) : reportText(classes, counts, options));
  } finally {
    manifest.abandon();
  }
}

async function select(files: readonly string[], options: SelectOptions, counts: LineCounts): Promise<SelectedClass[]> {
  const selection = new TeacherSelection(options);
  const bar = new ProgressBar('select');
  const totalBytes = await bytesOf(files);
  let receivedBytes = 0;
  const onBytes = (bytes: number): void => {
    receivedBytes += bytes;
    bar.update({ receivedBytes, totalBytes });
  };
  try {
    for (const file of files) {
      for await (const lines of readLines(file, onBytes)) {
        for (const line of lines) addLine(line, file, { selection, counts, ...options });
      }
    }
  } finally {
    bar.stop();
  }
  return selection.finish();
}

function addLine(
  line: Line,
  file: string,
  {
    selection,
    counts,
    model,
    perImage,
  }: SelectOptions & { readonly selection: TeacherSelection; readonly counts: LineCounts },
): void {
  const answer = parseAnswer(line, file);
  if ('reason' in answer) counts.unclassified += 1;
  else if (model !== undefined && answer.model !== model) counts.otherModels += 1;
  else {
    add(selection, answer, line, file);
    counts.answers += 1;
    if (answer.predictions.length < perImage) counts.short += 1;
  }
}

function add(selection: TeacherSelection, answer: Answer, line: Line, file: string): void {
  try {
    selection.add(answer);
  } catch (error) {
    if (error instanceof MixedModelsError) throw new InvalidLineError(file, line.number, `${error.message}.`);
    throw error;
  }
}

/** Returns the size of all files; null if one is a pipe, whose size nobody knows. */
async function bytesOf(files: readonly string[]): Promise<number | null> {
  let bytes = 0;
  for (const file of files) {
    const found = file === '-' ? null : await stat(file).catch(() => null);
    if (!found?.isFile()) return null;
    bytes += found.size;
  }
  return bytes;
}

function shortAnswersText(short: number, perImage: number): string {
  return `${short} answers have fewer predictions than --per-image ${perImage}: their other classes cannot count. If the model has that many classes, classify with --top ${perImage}.\n`;
}
