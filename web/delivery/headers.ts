/** The other origins that the page may talk to. The browser refuses all others. */
export interface PageOrigins {
  /**
   * Origins of presigned URLs, from which pictures are shown and to which they are uploaded.
   * Locally this is `http://127.0.0.1:3001`, and deployed it is
   * `https://BUCKET.s3.REGION.amazonaws.com` (CDK: `https://${bucket.bucketRegionalDomainName}`).
   */
  readonly buckets: readonly string[];
  /**
   * Origins of the discovery and token endpoints of the login. Often there are two (Cognito:
   * `cognito-idp.REGION.amazonaws.com` and the domain of the user pool). Default: none.
   */
  readonly login?: readonly string[];
}

/** Headers of every file of the page, apart from its content security policy. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
};

/**
 * Makes the page's Content-Security-Policy header. It allows only what the page uses. Scripts and
 * styles come from its own files. Pictures come from its own files, from the bucket, or from memory
 * (`blob:` for previews, `data:` for thumbnails and activation maps). No other page may frame it.
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
