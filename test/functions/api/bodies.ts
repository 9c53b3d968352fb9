/** Bodies of `POST /classify` in their different wrappings. */

export interface Body {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Part {
  /** The header lines of the part, without the last line break. */
  readonly head: string;
  readonly content: Uint8Array | string;
}

export const BOUNDARY = '----boundary-4f0a9a53';

/** A form as clients write it. */
export function form(parts: readonly Part[], boundary = BOUNDARY): Body {
  const chunks = parts.flatMap(({ head, content }) => [
    Buffer.from(`--${boundary}\r\n${head}\r\n\r\n`, 'latin1'),
    Buffer.from(content),
    Buffer.from('\r\n'),
  ]);
  return {
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]),
  };
}

/** A part that is a file. */
export function file(
  content: Uint8Array | string,
  { name = 'file', fileName = 'x.jpg', type = 'image/jpeg' } = {},
): Part {
  return {
    head: `Content-Disposition: form-data; name="${name}"; filename="${fileName}"\r\nContent-Type: ${type}`,
    content,
  };
}

/** A part that is a text field. */
export function field(name: string, content: string): Part {
  return { head: `Content-Disposition: form-data; name="${name}"`, content };
}

export function json(value: unknown): Body {
  return { headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(value)) };
}
