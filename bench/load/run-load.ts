import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureSamplePackage } from '../../models/sample/sample.ts';
import { type LoadStack, startLoadStack } from './load-stack.ts';
import { drawPictures, type LoadPicture } from './pictures.ts';
import { type Recorder, type RecorderOptions, startRecorder } from './recorder.ts';

/** What a load is put on, and with what. */
export interface Loaded {
  readonly stack: LoadStack;
  readonly pictures: readonly LoadPicture[];
}

export interface LoadRun extends Pick<RecorderOptions, 'name' | 'title' | 'about'> {
  /** More options of `autoswiftnet start`. */
  readonly startOptions?: (packageDir: string) => string[];
  /** Done before anything is recorded. */
  readonly prepare?: (loaded: Loaded) => Promise<void>;
  readonly work: (loaded: Loaded & { readonly recorder: Recorder }) => Promise<void>;
}

/** Starts a local stack with the sample model, puts it under load, and prints what was recorded. */
export async function runLoad(run: LoadRun): Promise<void> {
  const { name, title, about, startOptions = () => [], prepare = async () => {}, work } = run;
  const folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-load-'));
  try {
    const packageDir = await ensureSamplePackage(folder);
    const pictures = await drawPictures(packageDir);
    const stack = await startLoadStack(packageDir, folder, { options: startOptions(packageDir) });
    try {
      await prepare({ stack, pictures });
      const recorder = startRecorder({ name, title, pid: stack.pid, about });
      try {
        await work({ stack, pictures, recorder });
      } finally {
        console.log(await recorder.end());
      }
    } finally {
      await stack.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
