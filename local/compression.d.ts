/** The part of compression that is used. `@types/compression` would bring Express and its types. */
declare module 'compression' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  interface Compression {
    /** Makes a step before the answer. The answer is then compressed if the client allows it. */
    (options: {
      /** Whether an answer may be compressed. It is asked when the headers are known. */
      readonly filter: Filter;
    }): (request: IncomingMessage, response: ServerResponse, next: () => void) => void;
    /** Allows the media types that mime-db calls compressible. */
    readonly filter: Filter;
  }

  type Filter = (request: IncomingMessage, response: ServerResponse) => boolean;

  const compression: Compression;
  export default compression;
}
