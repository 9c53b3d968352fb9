/** Stands for child.ts: each input but the first and the last does what no input may do. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [, , from, to, folder] = process.argv.slice(2);
const held = [];
const DEEDS = {
  1: () => process.abort(),
  2: () => {
    for (;;);
  },
  3: async () => {
    for (;;) {
      held.push(Buffer.alloc(50_000_000, 1));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  },
  4: () => new Promise(() => setInterval(() => undefined, 1000)),
};

process.send('ready');
for (let index = Number(from); index < Number(to); index += 1) {
  writeFileSync(join(folder, 'input'), `input ${index}`);
  await DEEDS[index]?.();
  await new Promise((resolve) =>
    process.send({ index, mutation: 'none', outcome: 'valid', cpuMs: 1, peakMb: 1 }, resolve),
  );
}
process.disconnect();
