/**
 * The thread that decodes HEIC: decoding takes seconds, during which the main thread must answer
 * others, and the memory of WebAssembly is given back only when its thread ends.
 */
import { parentPort } from 'node:worker_threads';
import { NativePackageError } from '../../errors.ts';
import { messageOf } from '../../message-of.ts';
import { decodePrimary, LibHeifError } from './decode-primary.ts';
import type { HeicAnswer, HeicRequest } from './heic-protocol.ts';
import { type LibHeif, startLibHeif } from './libheif.ts';
import { pixelsAsTiff } from './pixels-as-tiff.ts';

const port = parentPort;
if (port === null) throw new TypeError('this file must be started as a worker thread');

let library: LibHeif | undefined;

port.on('message', (request: HeicRequest) => {
  const answer = answerTo(request);
  port.postMessage(answer, answer.kind === 'decoded' ? [answer.tiff.buffer] : []);
});

function answerTo({ profile, ...request }: HeicRequest): HeicAnswer {
  try {
    library ??= startLibHeif();
    const tiff = decodePrimary(library, request, (pixels) => pixelsAsTiff(pixels, profile));
    return { kind: 'decoded', tiff, memoryBytes: library.HEAPU8.length };
  } catch (error) {
    if (error instanceof LibHeifError) return { kind: 'refused', code: error.code, reason: error.message };
    if (error instanceof NativePackageError) return { kind: 'missing', reason: messageOf(error.cause) };
    if (isCrash(error)) return { kind: 'crashed', reason: messageOf(error) };
    throw error;
  }
}

/**
 * Tells whether the compiled code crashed: a trap or an abort, its stack used up, or a C++
 * exception that nothing caught, which arrives as a number.
 */
function isCrash(error: unknown): boolean {
  return typeof error === 'number' || (error instanceof Error && /^(RuntimeError|RangeError)$/.test(error.name));
}
