import { readFileSync } from 'node:fs';

export interface SamplePicture {
  readonly file: string;
  readonly bytes: Buffer;
  /** Index of PyTorch's first prediction. */
  readonly top1: number;
}

const FOLDER = new URL('../../../models/sample/images/', import.meta.url);

/** Returns the sample model's 64 images, with the predictions of PyTorch. */
export function samplePictures(): SamplePicture[] {
  const expected: { file: string; top3: { index: number }[] }[] = JSON.parse(
    readFileSync(new URL('expected.json', FOLDER), 'utf8'),
  );
  return expected.map(({ file, top3 }) => ({
    file,
    bytes: readFileSync(new URL(file, FOLDER)),
    top1: top3[0]?.index ?? -1,
  }));
}
