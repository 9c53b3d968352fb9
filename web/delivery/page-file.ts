import { extname } from 'node:path/posix';

/** One static file of the page. All that its delivery needs to know follows from its path. */
export interface PageFile {
  /** From the root of the site: `/index.html`, `/assets/main-AB12CD34.js` … */
  readonly path: string;
  readonly body: Uint8Array;
}

/** Files in here are named by their content, so that browsers may keep them for ever. */
export const ASSETS = '/assets/';

/** What is served at `/`. */
export const DOCUMENT = '/index.html';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export function contentTypeOf(path: string): string {
  return CONTENT_TYPES[extname(path)] ?? 'application/octet-stream';
}

/** The document is asked for anew each time (cheaply, by its ETag), so that a new version shows at once. */
export function cacheControlOf(path: string): string {
  return path.startsWith(ASSETS) ? 'public, max-age=31536000, immutable' : 'no-cache';
}
