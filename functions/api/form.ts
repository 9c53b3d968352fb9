import type { MultipartError } from 'multipasta';
import { MalformedBodyError } from './errors.ts';

/** A part of a form, as it was sent. */
export interface FormPart {
  /** Empty if the client gave none. */
  readonly name: string;
  readonly fileName: string | null;
  /** In lower case. `text/plain` if the client gave none. */
  readonly mediaType: string;
  readonly bytes: Buffer;
}

export const FORM_MEDIA_TYPE = 'multipart/form-data';

/** A form for one picture has a handful of fields. */
const MAX_PARTS = 100;

/**
 * Parses the body of a form (RFC 7578). The parser is loaded when the first form comes.
 * @param contentType the whole header, with the boundary
 * @throws {MalformedBodyError}
 */
export async function parseForm(contentType: string, body: Uint8Array): Promise<FormPart[]> {
  const { make } = await import('multipasta');
  const parts: FormPart[] = [];
  let fault: MultipartError | null = null;
  let isComplete = false;
  try {
    const parser = make({
      headers: { 'content-type': contentType },
      maxParts: MAX_PARTS,
      isFile: () => true,
      onFile({ name, filename, contentType: mediaType }) {
        const chunks: Uint8Array[] = [];
        return (chunk) => {
          if (chunk !== null) chunks.push(chunk);
          else parts.push({ name, fileName: filename ?? null, mediaType, bytes: Buffer.concat(chunks) });
        };
      },
      onField() {},
      onError(error) {
        // Whatever follows the last boundary is no part of the form.
        if (!isComplete) fault ??= error;
      },
      onDone() {
        isComplete = true;
      },
    });
    parser.write(body);
    parser.end();
  } catch (cause) {
    throw unreadable('a header of a part is damaged', cause);
  }
  if (fault !== null) throw faultOf(fault);
  if (!isComplete) throw unreadable('it ends early, or its boundary is not the one in Content-Type');
  return parts;
}

function faultOf(fault: MultipartError): MalformedBodyError {
  switch (fault._tag) {
    case 'InvalidBoundary':
      return new MalformedBodyError(
        `the Content-Type ${FORM_MEDIA_TYPE} has no valid boundary: let your HTTP client write this header, it knows the boundary`,
      );
    case 'ReachedLimit':
      return new MalformedBodyError(`the form has more than ${MAX_PARTS} parts: send one picture in each request`);
    case 'EndNotReached':
      return unreadable('it ends early, or its boundary is not the one in Content-Type');
    default:
      return unreadable('a part has no valid headers');
  }
}

function unreadable(reason: string, cause?: unknown): MalformedBodyError {
  return new MalformedBodyError(`the form cannot be read: ${reason}. Send it again as ${FORM_MEDIA_TYPE}`, cause);
}
