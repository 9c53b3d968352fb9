declare module 'dynalite' {
  import type { Server } from 'node:http';

  interface Options {
    /** Folder of the LevelDB store; in memory when left out. */
    readonly path?: string;
    /** How long a new table stays in CREATING, in milliseconds. Default 500. */
    readonly createTableMs?: number;
  }

  export default function dynalite(options?: Options): Server;
}
