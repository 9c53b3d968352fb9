import { detectFormat } from '../../classifier/decode/format.ts';
import { NotAnImageError } from '../../classifier/errors.ts';
import { classifyQuerySchema } from './classify-query.ts';
import { InvalidParameterError, MalformedBodyError } from './errors.ts';
import type { FormPart } from './form.ts';

/** Names that an error lists, and their length. A form may have many and long ones. */
const SHOWN_NAMES = 5;
const SHOWN_CHARACTERS = 80;

/**
 * Returns the one picture of a form. Its field may have any name. Other fields are ignored, except
 * those with the name of a parameter, which would be ignored in silence.
 * @throws {MalformedBodyError} unless the form has exactly one file
 * @throws {InvalidParameterError} for a field that belongs into the query
 */
export function pictureOf(parts: readonly FormPart[]): Buffer {
  const files = parts.filter(isFile);
  const fields = parts.filter((part) => !files.includes(part) && !isEmptyChoice(part));
  const misplaced = fields.find(({ name }) => Object.hasOwn(classifyQuerySchema.shape, name));
  if (misplaced !== undefined) {
    throw new InvalidParameterError(
      misplaced.name,
      `it is a field of the form: send it in the query, as in POST /classify?${misplaced.name}=…`,
    );
  }
  const [file, ...more] = files;
  if (file === undefined) {
    throw new MalformedBodyError(
      `the form has no file${fields.length === 0 ? '' : `, only ${namesOf(fields)}`}: send the picture as a file (curl -F file=@photo.jpg)`,
    );
  }
  if (more.length > 0) {
    throw new MalformedBodyError(
      `the form has ${files.length} files (${namesOf(files)}): send one picture in each request`,
    );
  }
  return file.bytes;
}

/** Whether the bytes begin like a picture, also one of a format that is not supported. */
export function beginsAsPicture(bytes: Uint8Array): boolean {
  try {
    detectFormat(bytes);
  } catch (error) {
    return !(error instanceof NotAnImageError);
  }
  return true;
}

/** Some clients send a file without a name, or without a media type. */
function isFile(part: FormPart): boolean {
  if (isEmptyChoice(part)) return false;
  return part.fileName !== null || !part.mediaType.startsWith('text/') || beginsAsPicture(part.bytes);
}

/** What a browser sends for a file field in which no file was chosen. */
function isEmptyChoice({ fileName, bytes }: FormPart): boolean {
  return fileName === '' && bytes.length === 0;
}

function namesOf(parts: readonly FormPart[]): string {
  const names = parts
    .slice(0, SHOWN_NAMES)
    .map(({ name, fileName }) => JSON.stringify((fileName || name).slice(0, SHOWN_CHARACTERS)));
  return `${names.join(', ')}${parts.length > SHOWN_NAMES ? ', …' : ''}`;
}
