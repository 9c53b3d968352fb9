import { detectFormat as detectPicture } from '../../classifier/decode/format.ts';
import type { ImageFormat } from '../../classifier/decode/image.ts';
import { ImageError } from '../../classifier/errors.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { CheckpointFile } from './checkpoint-file.ts';
import { UnknownCheckpointError, UnsupportedCheckpointError } from './errors.ts';
import { quote } from './pickle-values.ts';

/** Enough to contain the mark of a tar header, which is the furthest one. */
const HEAD_BYTES = 512;
const TAR_MARK_POSITION = 257;

/** The marks of a zip entry, and of the end of an archive without entries. */
const ZIP_MARKS = ['PK\x03\x04', 'PK\x05\x06'];

/** How much of an unknown file a message shows. */
const SHOWN_BYTES = 16;

/**
 * Detects the checkpoint format from the leading bytes.
 * @throws {UnknownCheckpointError | UnsupportedCheckpointError} saying what the bytes look like
 */
export function detectFormat(file: CheckpointFile): Checkpoint['format'] {
  const head = file.readHeader(0, Math.min(HEAD_BYTES, file.size));
  const text = head.toString('latin1');
  if (ZIP_MARKS.some((mark) => text.startsWith(mark))) return 'torch-zip';
  // This comes before pickles: the length of a safetensors header may start with the first bytes of
  // a pickle, but its last bytes are zero.
  if (text.startsWith('\0\0{', 6)) return 'safetensors';
  if (head[0] === 0x80) return 'torch-legacy';
  if (text.startsWith('ustar', TAR_MARK_POSITION)) {
    throw new UnsupportedCheckpointError(
      `checkpoint ${file.path} is a tar archive, the format of PyTorch before version 0.1.12, which is not supported. Load it in PyTorch and save it again with torch.save(model.state_dict(), path).`,
    );
  }
  // A length of 2^48 or more cannot be true, and the reader reports it. Eight printable characters
  // are text.
  if (text[8] === '{' && !/^[\t\n\r -~]{8}/.test(text)) return 'safetensors';
  throw new UnknownCheckpointError(
    `checkpoint ${file.path} is not a PyTorch or safetensors checkpoint, but ${look(head, text)}. Download it again, or give another file.`,
  );
}

function look(head: Buffer, text: string): string {
  if (head.length === 0) return 'an empty file';
  const picture = pictureFormat(head);
  if (picture !== null) return `a picture (${picture}): models convert takes models, classify takes pictures`;
  if (/^(\xef\xbb\xbf)?\s*</.test(text))
    return 'an HTML or XML page, perhaps an error page that a server sent instead of the file';
  if (text.startsWith('version https://git-lfs')) return 'a Git LFS pointer (run git lfs pull)';
  if (text.startsWith('\x1f\x8b')) return 'a gzip file (unpack it first)';
  if (text.startsWith('\x89HDF')) return 'an HDF5 file, as Keras writes them';
  return `a file that starts with ${quote(text.slice(0, SHOWN_BYTES))}`;
}

function pictureFormat(head: Buffer): ImageFormat | null {
  try {
    return detectPicture(head);
  } catch (error) {
    if (error instanceof ImageError) return null;
    throw error;
  }
}
