import type { MadeRequest } from '../../functions/api/made-requests.ts';

/** A request before it becomes an event or bytes. */
export interface HostileRequest {
  method: string;
  /** Path and query. */
  target: string;
  /** In order; a name may be there several times. */
  headers: (readonly [string, string])[];
  body: Buffer;
}

export function toHostile({ method, target, call: { headers = {}, body = '' } }: MadeRequest): HostileRequest {
  return { method, target, headers: Object.entries(headers), body: Buffer.from(body) };
}

export function hasHeader({ headers }: HostileRequest, wanted: string): boolean {
  return headers.some(([name]) => name.toLowerCase() === wanted);
}

/** Puts a header in place of all of its name. */
export function setHeader(request: HostileRequest, name: string, value: string): void {
  request.headers = [...request.headers.filter(([one]) => one.toLowerCase() !== name), [name, value]];
}

/** Changes the path and leaves the query as it is. */
export function changePath(request: HostileRequest, change: (path: string) => string): void {
  const [path = '', ...query] = request.target.split('?');
  request.target = [change(path), ...query].join('?');
}

/** Changes the query, also where there is none, and leaves the path as it is. */
export function changeQuery(request: HostileRequest, change: (query: string) => string): void {
  const [path = '', ...query] = request.target.split('?');
  request.target = `${path}?${change(query.join('?'))}`;
}
