import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';

/** Requests that the servers of this process received. */
export interface RequestCounts {
  /** GetObject, by key. */
  readonly reads: Map<string, number>;
  /** PutObjectTagging, by key. */
  readonly tagWrites: Map<string, number>;
  /** Requests to the table, by operation. */
  readonly table: Map<string, number>;
}

const TARGET = 'x-amz-target';

/**
 * Counts, from now on, what the local services of this process are asked for.
 * @param bucket the bucket whose objects are counted
 */
export function countRequests(bucket: string): RequestCounts {
  const counts: RequestCounts = { reads: new Map(), tagWrites: new Map(), table: new Map() };
  const start = `/${bucket}/`;
  subscribe('http.server.request.start', (message) => {
    const { method, url = '', headers } = (message as { request: IncomingMessage }).request;
    const operation = /^DynamoDB_\d+\.(.+)$/.exec(String(headers[TARGET]))?.[1];
    if (operation !== undefined) add(counts.table, operation);
    if (!url.startsWith(start)) return;
    const { pathname, searchParams } = new URL(url, 'http://host');
    const key = decodeURIComponent(pathname.slice(start.length));
    if (method === 'PUT' && searchParams.has('tagging')) add(counts.tagWrites, key);
    if (method === 'GET' && !searchParams.has('tagging') && key !== '') add(counts.reads, key);
  });
  return counts;
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
