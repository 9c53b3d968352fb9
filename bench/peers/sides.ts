import { execFileSync } from 'node:child_process';
import type { Models } from './models.ts';
import type { Side } from './side.ts';

export const OURS = 'AutoSwiftNet';
export const TRANSFORMERS = 'transformers.js';

/** Programs that the sides need besides Node. Null where there is none. */
export interface Interpreters {
  /** A Python with onnx and onnxruntime. */
  readonly quantizer: string | null;
  /** A Python with PyTorch and torchvision. */
  readonly pytorch: string | null;
}

/** A side that cannot run here, and why. */
export interface Skipped {
  readonly side: string;
  readonly reason: string;
}

/** Returns the first of $PYTHON and python3 that can import what is needed. */
export function findInterpreters(): Interpreters {
  return { quantizer: findPython('onnx, onnxruntime.quantization'), pytorch: findPython('torch, torchvision, PIL') };
}

/** Returns what is missing, for the report. */
export function skippedSides({ quantizer, pytorch }: Interpreters): Skipped[] {
  const missing = (packages: string) => `no Python with ${packages} was found; set PYTHON to one`;
  return [
    ...(quantizer ? [] : [{ side: `${TRANSFORMERS} q8`, reason: missing('onnx and onnxruntime') }]),
    ...(pytorch ? [] : [{ side: 'PyTorch fp32', reason: missing('torch and torchvision') }]),
  ];
}

/**
 * Returns the sides that can run here, ours first.
 * @param entry the built library/index.js
 */
export function sidesFor(models: Models, entry: string, { pytorch }: Interpreters): Side[] {
  const node = (program: string, ...args: string[]) => [process.execPath, pathTo(program), ...args];
  const sides: (Side | null)[] = [
    { name: OURS, precision: 'fp32', command: node('autoswiftnet.mjs', models.fp32, entry) },
    { name: OURS, precision: 'int8', command: node('autoswiftnet.mjs', models.int8, entry) },
    { name: TRANSFORMERS, precision: 'fp32', command: node('transformers.mjs', models.transformers, 'fp32') },
    models.q8
      ? { name: TRANSFORMERS, precision: 'int8', command: node('transformers.mjs', models.transformers, 'q8') }
      : null,
    { name: 'onnxruntime-node', precision: 'fp32', command: node('onnxruntime.mjs', models.onnx) },
    pytorch
      ? {
          name: 'PyTorch',
          precision: 'fp32',
          command: [pytorch, pathTo('torch_side.py'), models.checkpoint, models.architecture],
        }
      : null,
  ];
  return sides.filter((side) => side !== null);
}

function pathTo(program: string): string {
  return new URL(`sides/${program}`, import.meta.url).pathname;
}

function findPython(modules: string): string | null {
  for (const python of [process.env['PYTHON'], 'python3'].filter((one) => one !== undefined)) {
    try {
      execFileSync(python, ['-c', `import ${modules}`], { stdio: 'ignore' });
      return python;
    } catch {
      // The next one may have them.
    }
  }
  return null;
}
