import type { ImageFormat } from '../../classifier/types.ts';

interface MediaType {
  readonly contentType: string;
  /** File extension, with its dot. */
  readonly extension: string;
}

/** Media type by format. The format is detected from the leading bytes. */
export const MEDIA_TYPES: Readonly<Record<ImageFormat, MediaType>> = {
  jpeg: { contentType: 'image/jpeg', extension: '.jpg' },
  png: { contentType: 'image/png', extension: '.png' },
  webp: { contentType: 'image/webp', extension: '.webp' },
  gif: { contentType: 'image/gif', extension: '.gif' },
  tiff: { contentType: 'image/tiff', extension: '.tiff' },
  avif: { contentType: 'image/avif', extension: '.avif' },
  heic: { contentType: 'image/heic', extension: '.heic' },
};

/** The media types that can be uploaded. */
export const UPLOAD_TYPES: readonly string[] = Object.values(MEDIA_TYPES).map(({ contentType }) => contentType);

/** Other names of these media types, which some programs send. */
export const ALIASES: Readonly<Record<string, string>> = {
  'image/jpg': MEDIA_TYPES.jpeg.contentType,
  'image/heif': MEDIA_TYPES.heic.contentType,
};

/** Media type of bytes that were not examined. No browser shows or runs them. */
export const OCTET_STREAM = 'application/octet-stream';

/**
 * Returns the media type of a format.
 * @param format the format in a record
 */
export function contentTypeOf(format: string | null): string {
  return isImageFormat(format) ? MEDIA_TYPES[format].contentType : OCTET_STREAM;
}

/**
 * Returns the file extension of a media type.
 * @param contentType one of `UPLOAD_TYPES`
 */
export function extensionOf(contentType: string): string {
  return Object.values(MEDIA_TYPES).find((type) => type.contentType === contentType)?.extension ?? '';
}

export function isImageFormat(format: string | null): format is ImageFormat {
  return format !== null && Object.hasOwn(MEDIA_TYPES, format);
}
