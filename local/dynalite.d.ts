declare module 'dynalite' {
  import type { Server } from 'node:http';

  interface Options {
    /** Folder of the LevelDB store. Without it the store is in memory. */
    readonly path?: string;
    /** Milliseconds that a new table stays in CREATING. Default 500. */
    readonly createTableMs?: number;
  }

  export default function dynalite(options?: Options): Server;
}
