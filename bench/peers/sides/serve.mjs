/**
 * Serves one side of the comparison: reads requests from stdin, a line of JSON each, and answers
 * with a line of JSON on stdout. See Request and Reply in ../side.ts.
 *
 * It is plain JavaScript without imports from the repository, as the peers' own examples are.
 */
import { readFileSync } from 'node:fs';
import { cpuUsage, stdin, stdout } from 'node:process';
import { createInterface } from 'node:readline';

/**
 * @typedef {{ index: number, probability: number }} ClassProbability
 * @param {(bytes: Buffer, top: number) => Promise<ClassProbability[]>} classify
 *   returns the `top` best classes of an encoded picture, the best first
 */
export async function serve(classify) {
  /** The pictures' bytes: reading files is not measured. */
  const pictures = new Map();
  for await (const line of createInterface({ input: stdin })) {
    const { picture, top } = JSON.parse(line);
    const bytes = pictures.get(picture) ?? readFileSync(picture);
    pictures.set(picture, bytes);
    const [startedAt, startedCpu] = [performance.now(), cpuUsage()];
    const classes = await classify(bytes, top);
    const reply = {
      wallMs: performance.now() - startedAt,
      cpuMs: milliseconds(cpuUsage(startedCpu)),
      cpuMsSinceStart: milliseconds(cpuUsage()),
      ...memory(),
      classes,
    };
    stdout.write(`${JSON.stringify(reply)}\n`);
  }
}

function milliseconds({ user, system }) {
  return (user + system) / 1000;
}

/** Resident memory now and at its highest, in MB of 2^20 bytes. Linux only. */
function memory() {
  const status = readFileSync('/proc/self/status', 'utf8');
  const megabytes = (field) => Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024;
  return { residentMb: megabytes('VmRSS'), peakMb: megabytes('VmHWM') };
}
