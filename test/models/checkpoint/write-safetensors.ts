import { bytesOf, type CheckpointEntry, product } from './tensor-nodes.ts';

export interface SafetensorsFixture {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** Returns contiguous float32 tensors as a safetensors file. */
export function safetensorsCheckpoint(entries: Iterable<CheckpointEntry>): Buffer {
  const tensors = [...entries].map(({ name, shape, fill }): [string, SafetensorsFixture] => {
    const elements = new Float32Array(product(shape));
    fill(elements);
    return [name, { dtype: 'F32', shape, bytes: bytesOf(elements) }];
  });
  return safetensorsBytes(new Map(tensors));
}

/** Returns tensors of any type as a safetensors file, with metadata as PyTorch's writer adds it. */
export function safetensorsBytes(tensors: ReadonlyMap<string, SafetensorsFixture>): Buffer {
  const header: [string, unknown][] = [['__metadata__', { format: 'pt' }]];
  const data: Uint8Array[] = [];
  let end = 0;
  for (const [name, { dtype, shape, bytes }] of tensors) {
    header.push([name, { dtype, shape, data_offsets: [end, end + bytes.length] }]);
    data.push(bytes);
    end += bytes.length;
  }
  return safetensorsOf(JSON.stringify(Object.fromEntries(header)), Buffer.concat(data));
}

/** Returns a file with any header and data; `claimedLength` is a wrong length of the header. */
export function safetensorsOf(header: string, data: Uint8Array, claimedLength?: bigint): Buffer {
  const text = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(claimedLength ?? BigInt(text.length));
  return Buffer.concat([length, text, data]);
}
