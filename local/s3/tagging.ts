import { z } from 'zod';
import { S3Error } from './errors.ts';
import type { Tag } from './store/object-version.ts';
import { buildXml, parseXml } from './xml.ts';

/**
 * S3's limits for the tags of an object. Lengths are in UTF-16 units.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
 */
export const MAX_TAGS = 10;
export const MAX_TAG_KEY_LENGTH = 128;
export const MAX_TAG_VALUE_LENGTH = 256;
const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

const taggingSchema = z.object({
  TagSet: z.union([
    z.object({ Tag: z.array(z.object({ Key: z.string(), Value: z.string() })).default([]) }),
    z
      .string()
      .regex(/^\s*$/)
      .transform(() => ({ Tag: [] })),
  ]),
});

/**
 * Parses a Tagging document.
 * @throws S3Error MalformedXML, InvalidTag, BadRequest (more than ten)
 */
export function parseTaggingXml(text: string): Tag[] {
  const { TagSet } = parseXml(text, 'Tagging', taggingSchema);
  return checkTags(TagSet.Tag.map(({ Key, Value }) => ({ key: Key, value: Value })));
}

/**
 * Parses the `x-amz-tagging` header: `a=1&b=2`, form-url-encoded.
 * @throws S3Error InvalidArgument, InvalidTag, BadRequest
 */
export function parseTaggingHeader(text: string | undefined): Tag[] {
  const pairs = [...new URLSearchParams(text ?? '')];
  if (new Set(pairs.map(([key]) => key)).size < pairs.length) {
    throw new S3Error(
      'InvalidArgument',
      "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
    );
  }
  return checkTags(pairs.map(([key, value]) => ({ key, value })));
}

export function buildTaggingXml(tags: readonly Tag[]): string {
  return buildXml('Tagging', { TagSet: { Tag: tags.map(({ key, value }) => ({ Key: key, Value: value })) } });
}

function checkTags(tags: Tag[]): Tag[] {
  if (tags.length > MAX_TAGS) throw new S3Error('BadRequest', `Object tags cannot be greater than ${MAX_TAGS}`);
  for (const { key, value } of tags) {
    if (key === '' || key.length > MAX_TAG_KEY_LENGTH || !TAG_TEXT.test(key)) {
      throw new S3Error('InvalidTag', 'The TagKey you have provided is invalid');
    }
    if (value.length > MAX_TAG_VALUE_LENGTH || !TAG_TEXT.test(value)) {
      throw new S3Error('InvalidTag', 'The TagValue you have provided is invalid');
    }
    if (key.toLowerCase().startsWith('aws:')) {
      throw new S3Error('InvalidTag', 'System tags cannot be added/updated by requester');
    }
  }
  if (new Set(tags.map(({ key }) => key)).size < tags.length) {
    throw new S3Error('InvalidTag', 'Cannot provide multiple Tags with the same key');
  }
  return tags;
}
