/** What a log line has instead. */
export const REDACTED = '[secret]';

/** Fields and headers whose whole value is a secret, compared without case, `-` and `_`. */
const SECRET_FIELDS = new Set([
  'authorization',
  'cookie',
  'setcookie',
  'secretaccesskey',
  'awssecretaccesskey',
  'sessiontoken',
  'awssessiontoken',
  'xamzsecuritytoken',
  'xamzsignature',
  'policy',
  'responseurl',
]);

/** Variables of a process whose values are secrets. */
const SECRET_VARIABLES = ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_CONTAINER_AUTHORIZATION_TOKEN'] as const;

/** Shorter values, such as those of the local stack, are words that occur by chance. */
const LEAST_SECRET_LENGTH = 16;

/**
 * Secrets that are recognised inside a text: the query of a signed URL of AWS (anyone who has the
 * URL may do what it says), the signature of a signed request, and tokens of OpenID Connect.
 */
const SECRET_TEXTS: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/\?[^\s"'<>]*\b(?:X-Amz-Signature|Signature)=[^\s"'<>]*/gi, `?${REDACTED}`],
  [/\bSignature=[0-9a-f]{64}\b/gi, `Signature=${REDACTED}`],
  [/\bBearer\s+[\w.~+/-]+=*/gi, `Bearer ${REDACTED}`],
  [/\bBasic\s+[A-Za-z0-9+/]{8,}=*/g, `Basic ${REDACTED}`],
  [/\beyJ[\w-]{8,}\.eyJ[\w-]+\.[\w-]*/g, REDACTED],
];

/**
 * Makes the function that takes the secrets out of everything that is logged, at every level. It is
 * a replacer of `JSON.stringify`.
 * @param variables the process's environment: its credentials are taken out wherever they occur
 * @example
 * JSON.stringify({ url: 'https://b.s3.amazonaws.com/k?X-Amz-Signature=ab' }, createRedactor({}))
 * // {"url":"https://b.s3.amazonaws.com/k?[secret]"}
 */
export function createRedactor(
  variables: Readonly<Record<string, string | undefined>>,
): (key: string, value: unknown) => unknown {
  return (key, value) => {
    if (SECRET_FIELDS.has(key.toLowerCase().replaceAll(/[-_]/g, '')) && value !== undefined) return REDACTED;
    return typeof value === 'string' ? withoutSecrets(value, variables) : value;
  };
}

function withoutSecrets(text: string, variables: Readonly<Record<string, string | undefined>>): string {
  let clean = text;
  // They are read at every call, because Lambda and ECS renew credentials in the environment.
  for (const name of SECRET_VARIABLES) {
    const secret = variables[name] ?? '';
    if (secret.length >= LEAST_SECRET_LENGTH) clean = clean.replaceAll(secret, REDACTED);
  }
  for (const [pattern, replacement] of SECRET_TEXTS) clean = clean.replaceAll(pattern, replacement);
  return clean;
}
