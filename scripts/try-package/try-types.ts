import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Consumer } from './consumer.ts';

/** A program that uses more than the page's programs; each wrong use in it must be an error. */
const USE = `import { type Classifier, decodeImage, NotAnImageError, openClassifier, type Prediction } from 'autoswiftnet';

export async function best(classifier: Classifier, bytes: Uint8Array): Promise<Prediction | undefined> {
  const image = await decodeImage(bytes, classifier.manifest.preprocessing);
  const [entry] = await classifier.classify([image]);
  if (entry && 'predictions' in entry) return entry.predictions[0];
  if (entry?.error instanceof NotAnImageError) return undefined;
  throw entry?.error;
}

// @ts-expect-error: a folder's path is a string
openClassifier(1);
// @ts-expect-error: only what the package exports can be imported
await import('autoswiftnet/cli/main.js');
`;

const MODES = ['--module nodenext', '--module esnext --moduleResolution bundler'];

/**
 * Compiles the page's programs and one that uses more, with strict options: with Node's types,
 * without the browser's types, and checking the types of all libraries.
 * @param root the clone, whose compiler and types of Node are used
 */
export async function tryTypes({ folder, run }: Consumer, programs: readonly string[], root: string): Promise<void> {
  writeFileSync(join(folder, 'use.mts'), USE);
  const files = ['use.mts', ...programs.map((text, index) => writeProgram(folder, index, text))];
  const options = `--noEmit --strict --skipLibCheck false --target es2023 --lib es2023 --types node --typeRoots ${root}/node_modules/@types`;
  for (const mode of MODES) {
    await run(`node ${root}/node_modules/typescript/bin/tsc ${options} ${mode} ${files.join(' ')}`);
  }
}

function writeProgram(folder: string, index: number, text: string): string {
  const name = `page-${index}.mts`;
  writeFileSync(join(folder, name), text);
  return name;
}
