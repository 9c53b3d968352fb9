import { Buffer } from 'node:buffer';
import { z } from 'zod';
import { accessKeyOf, parseBasicDate } from './authorization.ts';
import { S3Error } from './errors.ts';

/** What the policy demands of the file that follows the fields. */
export interface PolicyVerdict {
  /** Allowed number of bytes of the file, both ends included. */
  readonly contentLength: { readonly min: number; readonly max: number };
}

/** Fields that need no condition in the policy. */
const EXEMPT = new Set(['policy', 'file', 'x-amz-signature', 'signature', 'awsaccesskeyid']);
const EXEMPT_PREFIX = 'x-ignore-';

const sizeSchema = z.union([
  z.int().nonnegative(),
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number),
]);
const policySchema = z.object({
  expiration: z.iso.datetime({ offset: true }),
  conditions: z.array(
    z.union([
      z.tuple([z.string().regex(/^eq$/i), z.string(), z.string()]),
      z.tuple([z.string().regex(/^starts-with$/i), z.string(), z.string()]),
      z.tuple([z.string().regex(/^content-length-range$/i), sizeSchema, sizeSchema]),
      z.record(z.string(), z.union([z.string(), z.number()])),
    ]),
  ),
});
type Condition = z.infer<typeof policySchema>['conditions'][number];

/**
 * Checks the form of the signature fields, and every field against the policy: a field must meet
 * all conditions that name it, and at least one must name it. The signature itself cannot be
 * checked, because any secret is accepted.
 *
 * @param fields names in lower case; `key` with `${filename}` already filled in
 * @throws S3Error AccessDenied (no policy, expired, condition not met), InvalidArgument (unreadable
 * policy)
 */
export function checkPostPolicy(fields: ReadonlyMap<string, string>, bucket: string, now: number): PolicyVerdict {
  checkSigned(fields);
  const { expiration, conditions } = readPolicy(fields.get('policy') ?? '');
  if (now > Date.parse(expiration)) throw broken('Policy expired.');
  const known = new Map([...fields, ['bucket', bucket]]);
  const named = new Set<string>(['bucket']);
  const contentLength = { min: 0, max: Number.POSITIVE_INFINITY };
  for (const condition of conditions) {
    if (isRange(condition)) {
      contentLength.min = Math.max(contentLength.min, condition[1]);
      contentLength.max = Math.min(contentLength.max, condition[2]);
      continue;
    }
    for (const { field, operator, value } of comparisons(condition)) {
      named.add(field);
      if (!isMet(known.get(field), operator, value)) {
        throw broken(`Policy Condition failed: ["${operator}", "$${field}", "${value}"]`);
      }
    }
  }
  for (const field of fields.keys()) {
    if (!named.has(field) && !EXEMPT.has(field) && !field.startsWith(EXEMPT_PREFIX))
      throw broken(`Extra input fields: ${field}`);
  }
  return { contentLength };
}

/** Accepts signature version 4, or version 2 as older SDKs make it. */
function checkSigned(fields: ReadonlyMap<string, string>): void {
  if (!fields.get('policy')) throw new S3Error('AccessDenied', 'Access Denied: the form has no policy.');
  const isV2 = Boolean(fields.get('awsaccesskeyid') && fields.get('signature'));
  const isV4 =
    fields.get('x-amz-algorithm') === 'AWS4-HMAC-SHA256' &&
    accessKeyOf(fields.get('x-amz-credential') ?? '') !== undefined &&
    !Number.isNaN(parseBasicDate(fields.get('x-amz-date') ?? '')) &&
    /^[0-9a-f]{64}$/i.test(fields.get('x-amz-signature') ?? '');
  if (!isV2 && !isV4) {
    throw new S3Error(
      'AccessDenied',
      'Access Denied: the form is not signed. x-amz-algorithm, x-amz-credential, x-amz-date and x-amz-signature must all be present and valid.',
    );
  }
}

function readPolicy(base64: string): z.infer<typeof policySchema> {
  try {
    return policySchema.parse(JSON.parse(Buffer.from(base64, 'base64').toString()));
  } catch (error) {
    throw new S3Error(
      'InvalidArgument',
      'Invalid Policy: it is not base64-encoded JSON with expiration and conditions.',
      {},
      error,
    );
  }
}

function isRange(condition: Condition): condition is [string, number, number] {
  return Array.isArray(condition) && typeof condition[1] === 'number';
}

function comparisons(condition: Condition): { field: string; operator: string; value: string }[] {
  if (Array.isArray(condition)) {
    const [operator, field, value] = condition;
    return [
      { operator: operator.toLowerCase(), field: String(field).replace(/^\$/, '').toLowerCase(), value: String(value) },
    ];
  }
  return Object.entries(condition).map(([field, value]) => ({
    operator: 'eq',
    field: field.toLowerCase(),
    value: String(value),
  }));
}

function isMet(found: string | undefined, operator: string, value: string): boolean {
  if (operator === 'starts-with') return (found ?? '').startsWith(value);
  return found === value;
}

function broken(reason: string): S3Error {
  return new S3Error('AccessDenied', `Invalid according to Policy: ${reason}`);
}
