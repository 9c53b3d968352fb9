import * as z from 'zod';
import type { Dtype } from './checkpoint.ts';
import type { CheckpointFile } from './checkpoint-file.ts';
import { DamagedCheckpointError, UnsupportedCheckpointError } from './errors.ts';
import { quote } from './pickle-values.ts';
import type { StoredTensor } from './read-tensor.ts';
import { BYTES_PER_ELEMENT, contiguousStrides, countElements, MAX_AXES } from './tensor-layout.ts';

/** Size of the header's length, an unsigned 64-bit integer. */
const LENGTH_BYTES = 8;

/**
 * The largest header that is read. 640 tensors take 80 kB; parsed JSON takes up to 40 times its
 * size, so this limits what a hostile header costs.
 */
const MAX_HEADER_BYTES = 2_000_000;

const METADATA_KEY = '__metadata__';

const DTYPES: ReadonlyMap<string, Dtype> = new Map([
  ['F16', 'float16'],
  ['BF16', 'bfloat16'],
  ['F32', 'float32'],
  ['F64', 'float64'],
  ['I8', 'int8'],
  ['U8', 'uint8'],
  ['I16', 'int16'],
  ['I32', 'int32'],
  ['I64', 'int64'],
  ['BOOL', 'bool'],
]);

const count = z.int().nonnegative();
const tensorHeader = z.strictObject({
  dtype: z.string(),
  shape: z.array(count).max(MAX_AXES),
  /** Start and end, in bytes after the header. */
  data_offsets: z.tuple([count, count]),
});

/** The header itself: an object whose keys are names. */
const header = z.custom<Record<string, unknown>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
);

interface Described extends z.infer<typeof tensorHeader> {
  readonly name: string;
}

/**
 * Reads a safetensors file: the length of the header, the header (JSON with type, shape and byte
 * range of each tensor) and the elements, without gaps or overlaps.
 */
export function readSafetensors(file: CheckpointFile): StoredTensor[] {
  const length = Number(file.readHeader(0, LENGTH_BYTES).readBigUInt64LE());
  const start = LENGTH_BYTES + length;
  if (start > file.size)
    throw damaged(file, `its header should end at byte ${start}, but the file has only ${file.size} bytes`);
  if (length > MAX_HEADER_BYTES)
    throw damaged(file, `its header has ${length} bytes; the limit is ${MAX_HEADER_BYTES}`);
  const tensors = describeTensors(file, parseJson(file, file.readHeader(LENGTH_BYTES, length)));
  tensors.sort(
    (one, other) => one.data_offsets[0] - other.data_offsets[0] || one.data_offsets[1] - other.data_offsets[1],
  );
  let end = 0;
  for (const tensor of tensors) {
    const [from, to] = tensor.data_offsets;
    if (from !== end || to < from)
      throw damaged(file, `tensor ${quote(tensor.name)} has bytes ${from} to ${to}, but they must start at ${end}`);
    end = to;
  }
  if (start + end !== file.size)
    throw damaged(file, `its header describes ${start + end} bytes, but the file has ${file.size}`);
  return tensors.map((tensor) => locate(file, tensor, start));
}

function parseJson(file: CheckpointFile, bytes: Buffer): Record<string, unknown> {
  try {
    return header.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch (error) {
    throw damaged(file, 'its header is not a JSON object', error);
  }
}

function describeTensors(file: CheckpointFile, described: Record<string, unknown>): Described[] {
  const tensors: Described[] = [];
  for (const [name, value] of Object.entries(described)) {
    if (name === METADATA_KEY) continue;
    const parsed = tensorHeader.safeParse(value);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw damaged(
        file,
        `tensor ${quote(name)}, ${issue?.path.join('.') || 'header'}: ${issue?.message}`,
        parsed.error,
      );
    }
    tensors.push({ name, ...parsed.data });
  }
  return tensors;
}

function locate(
  file: CheckpointFile,
  { name, dtype: code, shape, data_offsets }: Described,
  start: number,
): StoredTensor {
  const dtype = DTYPES.get(code);
  if (dtype === undefined) {
    throw new UnsupportedCheckpointError(
      `checkpoint ${file.path}: tensor ${quote(name)} has the type ${quote(code)}, which is not supported. Convert it in PyTorch to one of ${[...DTYPES.keys()].join(', ')}.`,
    );
  }
  const [from, to] = data_offsets;
  if (countElements(shape) * BYTES_PER_ELEMENT[dtype] !== to - from) {
    throw damaged(
      file,
      `tensor ${quote(name)} has ${to - from} bytes, which does not fit its shape [${shape}] and type ${code}`,
    );
  }
  return { name, dtype, position: start + from, layout: { offset: 0, shape, strides: contiguousStrides(shape) } };
}

function damaged(file: CheckpointFile, fault: string, cause?: unknown): DamagedCheckpointError {
  return new DamagedCheckpointError(
    `checkpoint ${file.path} is a damaged safetensors file: ${fault}. Download or save it again.`,
    cause,
  );
}
