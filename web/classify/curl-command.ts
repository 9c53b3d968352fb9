import { type CurlOption, curl, shellWord } from '../api/curl.ts';
import type { Options } from './picture.ts';

/** A request that classified a picture. */
export interface ClassifyRequest extends Options {
  /** Origin of the API, such as `http://127.0.0.1:3000`. */
  readonly origin: string;
  readonly fileName: string;
  /** Address of the picture, if it is one of the page's own drawings. */
  readonly exampleUrl: string | null;
  /** Key of the picture in the bucket, if it was uploaded there first. */
  readonly storedAs: string | null;
  /** The user's token, if the API asks for one. */
  readonly token: string | null;
}

/**
 * Makes the command that sends the same request by curl, for a POSIX shell. It reads the picture
 * from the folder in which it is run.
 * @example
 * curl 'http://127.0.0.1:3000/classify?explain=true' \
 *   -H 'content-type: application/octet-stream' \
 *   --data-binary '@daisy.jpg'
 */
export function curlCommand(request: ClassifyRequest): string {
  const { origin, fileName, exampleUrl, storedAs, model, explain, token } = request;
  const query = new URLSearchParams({ ...(model === null ? {} : { model }), ...(explain ? { explain: 'true' } : {}) });
  const url = `${origin}/classify${query.size === 0 ? '' : `?${query}`}`;
  const body: readonly CurlOption[] =
    storedAs === null
      ? [
          ['-H', 'content-type: application/octet-stream'],
          ['--data-binary', exampleUrl === null ? `@${fileName}` : '@-'],
        ]
      : [
          ['-H', 'content-type: application/json'],
          ['--data-binary', JSON.stringify({ key: storedAs })],
        ];
  const command = curl(url, token, body);
  return exampleUrl === null ? command : `curl -s ${shellWord(exampleUrl)} | \\\n  ${command}`;
}
