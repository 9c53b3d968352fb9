/** Media types by file extension, for files without a type from the browser. */
const TYPE_BY_EXTENSION: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  gif: 'image/gif',
  tif: 'image/tiff',
  tiff: 'image/tiff',
  avif: 'image/avif',
  heic: 'image/heic',
  heif: 'image/heic',
};

/** The media types that can be classified, as far as the page knows. */
export const PICTURE_TYPES: readonly string[] = [...new Set(Object.values(TYPE_BY_EXTENSION))];

/** Returns the media type of a picture by its type or name, or null if it seems to be none. */
export function typeOf({ name, type }: Pick<File, 'name' | 'type'>): string | null {
  if (PICTURE_TYPES.includes(type)) return type;
  return TYPE_BY_EXTENSION[/[^.]*$/.exec(name.toLowerCase())?.[0] ?? ''] ?? null;
}
