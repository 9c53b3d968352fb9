/** Stands in for `level` in a bundle: dynalite then keeps its data in memory, whatever the path. */
import { MemoryLevel } from 'memory-level';

export class Level extends MemoryLevel<string, unknown> {
  constructor(_path: string, options: { readonly valueEncoding: 'json' }) {
    super(options);
  }
}
