/** Which other origins the page may talk to. Everything else is refused by the browser. */
export interface PageOrigins {
  /**
   * Where presigned URLs lead: pictures are shown from there, uploads are posted there. Locally `http://127.0.0.1:3001`; deployed
   * `https://BUCKET.s3.REGION.amazonaws.com` (CDK: `https://${bucket.bucketRegionalDomainName}`).
   */
  readonly buckets: readonly string[];
  /** Origins of the login's discovery and token endpoints: often two (Cognito: `cognito-idp.REGION.amazonaws.com` and the user pool's domain). Default none. */
  readonly login?: readonly string[];
}

/** The headers that go with every file of the page, beside its policy. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
};

/**
 * The page's Content-Security-Policy, to be sent as a header. Nothing is allowed that the page does not use: scripts and styles are files of its
 * own; pictures are its own, the bucket's, or in memory (previews are `blob:`, activation maps `data:`); nobody may frame it.
 *
 * @example contentSecurityPolicy({ buckets: ['http://127.0.0.1:3001'] })
 */
export function contentSecurityPolicy({ buckets, login = [] }: PageOrigins): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    ["img-src 'self' blob: data:", ...buckets].join(' '),
    ["connect-src 'self'", ...buckets, ...login].join(' '),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}
