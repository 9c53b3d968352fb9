import { bytesOf, type CheckpointEntry, product } from './tensor-nodes.ts';

export interface SafetensorsFixture {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** Contiguous float32 tensors as safetensors, in memory. */
export function safetensorsCheckpoint(entries: Iterable<CheckpointEntry>): Buffer {
  const tensors = [...entries].map(({ name, shape, fill }): [string, SafetensorsFixture] => {
    const elements = new Float32Array(product(shape));
    fill(elements);
    return [name, { dtype: 'F32', shape, bytes: bytesOf(elements) }];
  });
  return safetensorsBytes(new Map(tensors));
}

/** Tensors of any type, in memory, with metadata as PyTorch's writer adds it. */
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

/** A file of any header text and data; `claimedLength` lies about the header's. */
export function safetensorsOf(header: string, data: Uint8Array, claimedLength?: bigint): Buffer {
  const text = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(claimedLength ?? BigInt(text.length));
  return Buffer.concat([length, text, data]);
}
