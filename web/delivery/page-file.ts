import { extname } from 'node:path/posix';

/** One static file of the page. Its path determines everything that its delivery needs. */
export interface PageFile {
  /** Path from the root of the site: `/index.html`, `/assets/main-AB12CD34.js` … */
  readonly path: string;
  readonly body: Uint8Array;
}

/** Folder of files that are named by their content, so that browsers may keep them forever. */
export const ASSETS = '/assets/';

/** The file that is served at `/`. */
export const DOCUMENT = '/index.html';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.webp': 'image/webp',
};

export function contentTypeOf(path: string): string {
  return CONTENT_TYPES[extname(path)] ?? 'application/octet-stream';
}

/**
 * Chooses the caching of a file. Browsers ask for the document every time, which its ETag makes
 * cheap, so that a new version shows at once.
 */
export function cacheControlOf(path: string): string {
  return path.startsWith(ASSETS) ? 'public, max-age=31536000, immutable' : 'no-cache';
}
