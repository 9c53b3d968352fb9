import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Consumer } from './consumer.ts';
import type { PageSession } from './page-session.ts';
import { outputDifference } from './same-output.ts';

/**
 * Matches `npm install … autoswiftnet` on the page, or the path of a packed file; here the package
 * comes from another file instead.
 */
const INSTALL = /^(npm install .*?)(?:\S*\/)?autoswiftnet(?:-\S+\.tgz)?$/;

export interface Reader {
  readonly consumer: Consumer;
  /** The packed package, which is installed in place of the published one. */
  readonly packed: string;
  /** Called with each command as it is on the page. */
  readonly onCommand: (line: string) => void;
}

/**
 * Does what a page tells its reader: runs the commands, saves the programs and compares their
 * output.
 * @throws {Error} at the first command that fails or prints something else
 */
export async function followPage({ steps }: PageSession, { consumer, packed, onCommand }: Reader): Promise<void> {
  if (!steps.some((step) => step.kind === 'command' && INSTALL.test(step.line))) {
    throw new Error('the page does not say how to install the package (npm install … autoswiftnet)');
  }
  let printed = '';
  for (const step of steps) {
    if (step.kind === 'command') {
      onCommand(step.line);
      ({ stdout: printed } = await consumer.run(step.line.replace(INSTALL, (_, command) => `${command}${packed}`)));
    } else if (step.kind === 'file') {
      writeFileSync(join(consumer.folder, step.name), step.text);
    } else {
      const difference = outputDifference(printed, step.text);
      if (difference !== null) throw new Error(difference);
    }
  }
}
