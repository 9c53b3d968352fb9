/**
 * The watched process: tries one input after the other, and tells its parent what came of each.
 * Started by watch.ts with the kind, the seed, the first index, the index after the last, and a
 * folder. The input that is being tried is in the folder's file `input`.
 */
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KINDS } from './kinds.ts';
import { tryInput } from './try-input.ts';
import { READY } from './watch.ts';

const [kind = '', seed, from, to, folder = ''] = process.argv.slice(2);
const openTrial = KINDS[kind];
if (openTrial === undefined) throw new TypeError(`there is no kind of input named ${kind}`);

process.on('disconnect', () => process.exit());
const trial = await openTrial(folder);
process.send?.(READY);
const input = join(folder, 'input');
for (let index = Number(from); index < Number(to); index += 1) {
  const result = await tryInput(trial, Number(seed), index, (file) => writeFileSync(input, file));
  // The next input takes the place of this one before the parent has read it.
  if (result.fault !== undefined) copyFileSync(input, `${input}-${index}`);
  await new Promise((resolve) => process.send?.(result, resolve));
}
await trial.close();
process.disconnect();
process.exit();
