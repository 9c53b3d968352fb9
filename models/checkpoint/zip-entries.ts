import * as yauzl from 'yauzl';
import { messageOf } from '../../classifier/message-of.ts';
import type { CheckpointFile } from './checkpoint-file.ts';
import { CheckpointError, DamagedCheckpointError, UnsupportedCheckpointError } from './errors.ts';
import { quote } from './pickle-values.ts';

/** The bytes of one entry, within the file. */
export interface ZipEntry {
  readonly name: string;
  /** Position of its first data byte. */
  readonly position: number;
  /** Size in bytes. */
  readonly size: number;
}

/** All bytes of an entry, including its header. */
interface Range {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/**
 * The largest model here has 640 entries; each one costs a read of the header before its data, of
 * up to 128 kB.
 */
const MAX_ENTRIES = 5000;

/** A directory of 640 entries takes 50 kB. */
const MAX_DIRECTORY_BYTES = 2_000_000;
const MAX_NAME_BYTES = 512;

/** Values from the zip format (APPNOTE 4.4.4 and 4.4.8). */
const DATA_DESCRIPTOR_FLAG = 0x08;
const ZIP64_SIZE = 0xffffffff;

/**
 * Returns the entries of a zip archive by name, from its central directory. Checksums are not
 * checked, because there are valid checkpoints with wrong ones.
 * @throws {DamagedCheckpointError} when headers contradict the file or each other
 * @throws {UnsupportedCheckpointError} for compressed or encrypted entries
 */
export async function readZipEntries(file: CheckpointFile): Promise<Map<string, ZipEntry>> {
  try {
    return await readEntries(file);
  } catch (error) {
    if (error instanceof CheckpointError) throw error;
    throw damaged(file, faultOf(error), error);
  }
}

/**
 * yauzl's errors have no class of their own, but they say what is wrong with the archive, except
 * for the most common fault.
 */
function faultOf(error: unknown): string {
  const message = messageOf(error);
  return message.startsWith('End of central directory record signature not found')
    ? 'it ends early, because the directory at its end is missing'
    : message.replace(/\.$/, '');
}

async function readEntries(file: CheckpointFile): Promise<Map<string, ZipEntry>> {
  const archive = await yauzl.fromRandomAccessReaderPromise(new HeaderReader(file), file.size, {
    autoClose: false,
    // Nothing is unpacked, so no name is dangerous, and yauzl is slow at decoding long names.
    decodeStrings: false,
  });
  if (archive.entryCount > MAX_ENTRIES) {
    throw damaged(file, `it lists ${archive.entryCount} entries; the limit is ${MAX_ENTRIES}`);
  }
  // Until the first entry is read this is the position of the directory; yauzl's types call it a
  // boolean.
  const directoryStart = Number(archive.readEntryCursor);
  if (file.size - directoryStart > MAX_DIRECTORY_BYTES) {
    throw damaged(file, `its directory has ${file.size - directoryStart} bytes; the limit is ${MAX_DIRECTORY_BYTES}`);
  }
  const entries = new Map<string, ZipEntry>();
  const ranges: Range[] = [];
  for await (const entry of archive.eachEntry()) {
    const name = nameOf(file, entry);
    if (entries.has(name)) throw damaged(file, `two entries are named ${quote(name)}`);
    if (entry.compressionMethod !== 0 || entry.isEncrypted()) throw notStored(file, entry, name);
    const local = await archive.readLocalFileHeaderPromise(entry);
    if (!isConsistent(entry, local)) {
      throw damaged(file, `the two headers of entry ${quote(name)} contradict each other`);
    }
    const end = local.fileDataStart + entry.compressedSize;
    entries.set(name, { name, position: local.fileDataStart, size: entry.compressedSize });
    ranges.push({ name, start: entry.relativeOffsetOfLocalHeader, end });
  }
  checkRanges(file, ranges, directoryStart);
  return entries;
}

function nameOf(file: CheckpointFile, { fileNameRaw }: yauzl.Entry): string {
  if (fileNameRaw.length <= MAX_NAME_BYTES) return fileNameRaw.toString();
  throw damaged(file, `the name of an entry has ${fileNameRaw.length} bytes; the limit is ${MAX_NAME_BYTES}`);
}

/**
 * Compares the header before the data with the one in the directory. The sizes may be missing in
 * the first: they may stand in a descriptor behind the data or in the zip64 field.
 */
function isConsistent(entry: yauzl.Entry, local: yauzl.LocalFileHeader): boolean {
  const namesSize = (local.generalPurposeBitFlag & DATA_DESCRIPTOR_FLAG) === 0 && local.compressedSize !== ZIP64_SIZE;
  return (
    local.fileName.equals(entry.fileNameRaw) &&
    local.compressionMethod === entry.compressionMethod &&
    (!namesSize || local.compressedSize === entry.compressedSize)
  );
}

/** Checks that no two entries share a byte, and that none reaches into the directory. */
function checkRanges(file: CheckpointFile, ranges: readonly Range[], directoryStart: number): void {
  let end = 0;
  for (const range of ranges.toSorted((one, other) => one.start - other.start)) {
    if (range.start < end || range.end > directoryStart) {
      throw damaged(file, `entry ${quote(range.name)} overlaps another entry or the directory`);
    }
    end = range.end;
  }
}

/**
 * Reads synchronously, so that no error from yauzl is lost in a callback. Positions outside the
 * file are refused before anything is read.
 */
class HeaderReader extends yauzl.RandomAccessReader {
  readonly #file: CheckpointFile;

  constructor(file: CheckpointFile) {
    super();
    this.#file = file;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    this.#file.readHeader(position, length).copy(buffer, offset);
    callback(null);
  }
}

function notStored(file: CheckpointFile, entry: yauzl.Entry, name: string): UnsupportedCheckpointError {
  const found = entry.isEncrypted() ? 'encrypted' : 'compressed';
  return new UnsupportedCheckpointError(
    `checkpoint ${file.path} has an entry that is ${found} (${quote(name)}), which is not supported. Unpack the archive and pack it again with zip -0, or save the checkpoint again.`,
  );
}

function damaged(file: CheckpointFile, fault: string, cause?: unknown): DamagedCheckpointError {
  return new DamagedCheckpointError(
    `checkpoint ${file.path} is a damaged zip archive: ${fault}. Download or save it again.`,
    cause,
  );
}
