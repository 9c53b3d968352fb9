import { XMLBuilder, XMLParser } from 'fast-xml-parser';
import type { z } from 'zod';
import { messageOf } from '../../classifier/message-of.ts';
import { S3Error } from './errors.ts';

/**
 * The content of an element: text, child elements by name, or several elements of one name.
 * `undefined` children are left out.
 */
export type XmlContent =
  | string
  | number
  | boolean
  | { readonly [name: string]: XmlContent | readonly XmlContent[] | undefined };

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** Elements that may appear once or many times. They are always read as a list. */
const LISTS: ReadonlySet<string> = new Set(['Tag', 'Object', 'Part']);

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  trimValues: false,
  removeNSPrefix: true,
  htmlEntities: true, // also decodes &#13;, which the SDKs write for a carriage return in a key
  isArray: (name) => LISTS.has(name),
});

const builder = new XMLBuilder({
  processEntities: false,
  attributeNamePrefix: '@',
  ignoreAttributes: false,
  tagValueProcessor: (_name, value) => escapeText(String(value)),
});

/**
 * Parses the XML document of a request.
 *
 * @param schema what must be inside the root element
 * @throws S3Error MalformedXML
 */
export function parseXml<T>(text: string, root: string, schema: z.ZodType<T>): T {
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) throw malformed('it declares a document type');
  let document: unknown;
  try {
    document = parser.parse(text, true);
  } catch (error) {
    throw malformed(messageOf(error), error);
  }
  const content = typeof document === 'object' && document !== null ? Reflect.get(document, root) : undefined;
  if (content === undefined) throw malformed(`its root is not ${root}`);
  const result = schema.safeParse(content === '' ? {} : content);
  if (!result.success) {
    const [fault] = result.error.issues;
    throw malformed(`${root}/${fault?.path.join('/') ?? ''}: ${fault?.message ?? 'unexpected'}`, result.error);
  }
  return result.data;
}

/** Builds a whole document, with S3's namespace on its root. */
export function buildXml(root: string, content: XmlContent): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build({ [root]: typeof content === 'object' ? { '@xmlns': NAMESPACE, ...content } : content })}`;
}

/** Builds S3's error document, which has no namespace. */
export function buildErrorXml(error: S3Error, resource: string, requestId: string): string {
  const content = {
    Code: error.code,
    Message: error.message,
    Resource: resource,
    RequestId: requestId,
    HostId: requestId,
  };
  return `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build({ Error: content })}`;
}

/**
 * Writes control characters as references. A parser would otherwise turn a carriage return into a
 * line feed.
 */
function escapeText(text: string): string {
  return text.replace(/[&<>"\p{Cc}\uFFFE\uFFFF]/gu, (character) => {
    const name = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot' }[character];
    return name === undefined ? `&#x${character.codePointAt(0)?.toString(16).toUpperCase()};` : `&${name};`;
  });
}

function malformed(found: string, cause?: unknown): S3Error {
  return new S3Error(
    'MalformedXML',
    `The XML you provided was not well-formed or did not validate against our published schema: ${found}`,
    {},
    cause,
  );
}
