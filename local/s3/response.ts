import type { Readable } from 'node:stream';
import { buildXml, type XmlContent } from './xml.ts';

/** The answer of an operation. The server adds date, request id and CORS headers. */
export interface S3Response {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Readable;
}

export function xmlResponse(
  root: string,
  content: XmlContent,
  headers: Readonly<Record<string, string>> = {},
): S3Response {
  return { status: 200, headers: { 'content-type': 'application/xml', ...headers }, body: buildXml(root, content) };
}
