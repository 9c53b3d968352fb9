import { ROUTE_PATHS } from '../../../functions/api/route-paths.ts';
import { onlyResource, resourcesOf, type Template, useAssemblies } from '../assemblies.ts';

const assembly = useAssemblies();

interface Behavior {
  readonly PathPattern: string;
  readonly AllowedMethods: string[];
  readonly CachePolicyId: string;
  readonly OriginRequestPolicyId?: string;
}

function distribution(of: Template) {
  const { DistributionConfig } = onlyResource(of, 'AWS::CloudFront::Distribution');
  return DistributionConfig as {
    CacheBehaviors: Behavior[];
    CustomErrorResponses: { ErrorCode: number; ErrorCachingMinTTL: number }[];
    DefaultRootObject: string;
    DefaultCacheBehavior: Behavior;
  };
}

/**
 * Policies that AWS provides:
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
 */
const CACHING_OPTIMIZED = '658327ea-f89d-4fab-a63d-7e88639e58f6';
const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
const ALL_VIEWER_EXCEPT_HOST_HEADER = 'b689b0a8-53d0-40ab-baf2-68738e2966ac';

test('there is no page unless it is configured', () => {
  expect(resourcesOf(assembly().template, 'AWS::CloudFront::Distribution')).toEqual([]);
  expect(assembly().template.Outputs).not.toHaveProperty('PageUrl');
  expect(assembly('page').template.Outputs).toHaveProperty('PageUrl');
});

test("every path of the API is forwarded without caching, with all methods and the browser's headers", () => {
  const behaviors = distribution(assembly('page').template).CacheBehaviors;

  for (const { path } of ROUTE_PATHS) {
    const sample = path.replace(/\{[^}]+\}/, 'anything');
    const behavior = behaviors.find(({ PathPattern }) =>
      new RegExp(`^${PathPattern.replace('*', '.*')}$`).test(sample),
    );
    expect(behavior).toMatchObject({
      AllowedMethods: expect.arrayContaining(['GET', 'POST']),
      CachePolicyId: CACHING_DISABLED,
      OriginRequestPolicyId: ALL_VIEWER_EXCEPT_HOST_HEADER,
    });
  }
  expect(distribution(assembly('page').template).DefaultRootObject).toBe('index.html');
});

test('what CloudFront keeps has nothing of a login: no query with a code, no cookie, no token', () => {
  const { CacheBehaviors, DefaultCacheBehavior } = distribution(assembly('page').template);

  // This policy has neither queries nor cookies nor tokens in its key, and sends none on.
  expect(DefaultCacheBehavior).toMatchObject({ CachePolicyId: CACHING_OPTIMIZED });
  expect(DefaultCacheBehavior).not.toHaveProperty('OriginRequestPolicyId');
  expect(new Set(CacheBehaviors.map(({ CachePolicyId }) => CachePolicyId))).toEqual(new Set([CACHING_DISABLED]));
});

test("no error is kept: a login that was refused, or a fault of the API, is nobody else's answer", () => {
  const { CustomErrorResponses } = distribution(assembly('page').template);

  const kept = CustomErrorResponses.map(({ ErrorCode, ErrorCachingMinTTL }) => [ErrorCode, ErrorCachingMinTTL]);
  expect(kept).toEqual([400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504].map((status) => [status, 0]));
  expect(CustomErrorResponses.filter((response) => 'ResponsePagePath' in response)).toEqual([]);
});

test("the page's policy names the image bucket, the issuer's origins and the page itself, and nothing else", () => {
  const policy = JSON.stringify(onlyResource(assembly('page').template, 'AWS::CloudFront::ResponseHeadersPolicy'));

  expect(policy).toContain("default-src 'none'");
  expect(policy).toMatch(
    /connect-src 'self' https:\/\/",\{"Fn::GetAtt":\["ImagesBucket[0-9A-F]+","RegionalDomainName"\]\}," https:\/\/id\.example https:\/\/login\.example;/,
  );
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).toContain('cross-origin-opener-policy');
});

test('its files are served by CloudFront only; assets are cached forever, and the document is requested every time', () => {
  const deployments = resourcesOf(assembly('page').template, 'Custom::CDKBucketDeployment').map(
    ({ Properties }) => Properties,
  );

  expect(onlyResource(assembly('page').template, 'AWS::S3::Bucket', 'Page')).toMatchObject({
    PublicAccessBlockConfiguration: { RestrictPublicBuckets: true },
  });
  expect(resourcesOf(assembly('page').template, 'AWS::CloudFront::OriginAccessControl')).toHaveLength(1);
  expect(deployments).toEqual([
    expect.objectContaining({
      Include: ['assets/*'],
      SystemMetadata: { 'cache-control': 'public, max-age=31536000, immutable' },
    }),
    expect.objectContaining({ Exclude: ['assets/*'], SystemMetadata: { 'cache-control': 'no-cache' } }),
  ]);
});

test('the bucket accepts uploads from the page', () => {
  expect(onlyResource(assembly('page').template, 'AWS::S3::Bucket', 'Images')).toMatchObject({
    CorsConfiguration: { CorsRules: [{ AllowedOrigins: ['https://*.cloudfront.net'] }] },
  });
});
