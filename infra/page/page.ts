import { Aws, Duration, Fn, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import {
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  Distribution,
  HeadersReferrerPolicy,
  HttpVersion,
  OriginRequestPolicy,
  ResponseHeadersPolicy,
  S3OriginAccessControl,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment';
import { Construct } from 'constructs';
import { ROUTE_PATHS } from '../../functions/api/route-paths.ts';
import { ConfigurationError } from '../../functions/errors.ts';
import { contentSecurityPolicy, PAGE_HEADERS } from '../../web/delivery/headers.ts';
import { ASSETS, cacheControlOf, DOCUMENT } from '../../web/delivery/page-file.ts';
import { readSettings } from '../configuration/read-settings.ts';
import { PROP_KINDS, requireProps } from '../configuration/require-props.ts';
import type { Core } from '../core/core.ts';
import { addLogGroup } from '../core/log-group.ts';
import type { HttpApi } from '../http-api/http-api.ts';
import { acknowledge, wildcardResource } from '../parts/acknowledge.ts';
import { regionalName } from '../parts/regional-name.ts';
import type { PageProps } from './page-props.ts';

/**
 * Prefix of the handler that the CDK adds when a stack deploys files. It runs at deployment only.
 */
const CDK_HANDLER = 'Custom::CDKBucketDeployment';
/** https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-customizing.html */
const DEFAULT_QUALIFIER = 'hnb659fds';
const WHOLE_BUCKETS =
  'The handler of the CDK copies files from the bucket of the deployment to the bucket of the page.';
const HANDLER_REASONS = {
  'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]':
    'This policy lets the handler of the CDK write its logs.',
  ...Object.fromEntries(
    ['GetObject', 'GetBucket', 'List', 'DeleteObject', 'Abort'].map((action) => [
      `AwsSolutions-IAM5[Action::s3:${action}*]`,
      WHOLE_BUCKETS,
    ]),
  ),
  'AwsSolutions-L1': 'The handler of the CDK uses the runtime that the CDK was tested with.',
  'Serverless-LambdaDLQ': 'CloudFormation calls it and treats a missing answer as a failure.',
  'Serverless-LambdaLatestVersion': 'The handler of the CDK uses the runtime that the CDK was tested with.',
  'Serverless-LambdaTracing': 'It runs at deployment only.',
} as const;

/**
 * Every error that CloudFront can keep. It would keep one for 10 s, whatever the cache policy says,
 * and answer others with it: their login is no part of the key.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html
 */
const ERROR_STATUSES = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504] as const;

/** CloudFront takes longer names for policies than for access controls. */
const MAX_POLICY_NAME_LENGTH = 128;
const MAX_ACCESS_CONTROL_NAME_LENGTH = 64;

/** Time for which browsers insist on HTTPS. */
const HSTS = Duration.days(365);

/**
 * Origins from which the page uploads, with signed forms. The exact distribution cannot be named:
 * its policy names the bucket, so that would be a circular dependency. The signature decides
 * whether an upload is accepted, whatever the origin.
 */
const PAGE_ORIGINS = 'https://*.cloudfront.net';

/**
 * The page and the API under one origin. CloudFront serves the files of the page, and forwards the
 * paths of the API.
 */
export class Page extends Construct {
  /** Address of the page. */
  readonly url: string;
  /** The distribution of CloudFront. */
  readonly distribution: Distribution;

  /** @throws {ConfigurationError} when the API has no issuer, or an origin is none */
  constructor(scope: Construct, id: string, props: PageProps) {
    super(scope, id);
    requireProps('Page', props, { api: PROP_KINDS.api });
    const { api } = props;
    const { core } = api;
    const { loginOrigins } = readSettings('Page', ['loginOrigins'], props);
    if (api.settings.jwtIssuer === undefined) {
      throw new ConfigurationError(
        'Page needs an issuer where users can sign in, but its HttpApi has none. Give the HttpApi jwtIssuer and jwtAudience.',
      );
    }
    if (core.settings.corsOrigins === undefined) core.allowUploadsFrom([PAGE_ORIGINS]);
    const files = this.addFiles(core);
    this.distribution = new Distribution(this, 'Distribution', {
      comment: `${core.name}: the page and its API`,
      defaultRootObject: DOCUMENT.slice(1),
      httpVersion: HttpVersion.HTTP2_AND_3,
      defaultBehavior: {
        origin: S3BucketOrigin.withOriginAccessControl(files as IBucket, { originAccessControl: this.accessControl() }),
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        cachePolicy: CachePolicy.CACHING_OPTIMIZED,
        responseHeadersPolicy: this.headers(core, [issuerOrigin(api.settings.jwtIssuer), ...(loginOrigins ?? [])]),
      },
      additionalBehaviors: apiBehaviors(api),
      errorResponses: ERROR_STATUSES.map((httpStatus) => ({ httpStatus, ttl: Duration.seconds(0) })),
    });
    acknowledge(this.distribution, {
      'AwsSolutions-CFR1': 'Tokens decide who has access, not the country.',
      'AwsSolutions-CFR2': 'A web ACL costs money every month; the API behind is throttled and requires tokens.',
      'AwsSolutions-CFR3': 'The API has an access log; everything else is public files.',
      'AwsSolutions-CFR4': 'The default certificate of CloudFront does not allow another choice of TLS versions.',
    });
    this.deployFiles(files, core);
    this.url = `https://${this.distribution.distributionDomainName}/`;
  }

  private addFiles({ settings: { keepData } }: Core): Bucket {
    const bucket = new Bucket(this, 'Files', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: RemovalPolicy.DESTROY,
      autoDeleteObjects: !keepData,
    });
    acknowledge(bucket, { 'AwsSolutions-S1': 'It holds only the files of the page, which are public.' });
    return bucket;
  }

  private accessControl(): S3OriginAccessControl {
    return new S3OriginAccessControl(this, 'Access', {
      originAccessControlName: regionalName(this, MAX_ACCESS_CONTROL_NAME_LENGTH),
    });
  }

  private headers({ bucket }: Core, loginOrigins: readonly string[]): ResponseHeadersPolicy {
    const policy = contentSecurityPolicy({
      buckets: [`https://${bucket.bucketRegionalDomainName}`],
      login: [...new Set(loginOrigins)],
    });
    const { 'referrer-policy': _, 'x-content-type-options': __, ...others } = PAGE_HEADERS;
    return new ResponseHeadersPolicy(this, 'Headers', {
      responseHeadersPolicyName: regionalName(this, MAX_POLICY_NAME_LENGTH),
      comment: 'Security headers of the page, from web/delivery/headers.ts',
      securityHeadersBehavior: {
        contentSecurityPolicy: { contentSecurityPolicy: policy, override: true },
        contentTypeOptions: { override: true },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
        strictTransportSecurity: { accessControlMaxAge: HSTS, includeSubdomains: false, override: true },
      },
      customHeadersBehavior: {
        customHeaders: Object.entries(others).map(([header, value]) => ({ header, value, override: true })),
      },
    });
  }

  /**
   * Deploys the files of the page. Old assets stay, for pages that are open during a deployment.
   * Browsers ask for the document each time, so that no cache has to be invalidated.
   */
  private deployFiles(files: Bucket, core: Core): void {
    const { page } = core.code;
    if (page === null) throw new TypeError('the page cannot be deployed, because its files were not built');
    const source = () => Source.asset(page.folder, { assetHash: page.hash });
    const logGroup = addLogGroup(this, 'DeploymentLogs', core);
    const common = { destinationBucket: files as IBucket, prune: false, retainOnDelete: false, logGroup };
    const assets = new BucketDeployment(this, 'Assets', {
      ...common,
      sources: [source()],
      exclude: ['*'],
      include: [`${ASSETS.slice(1)}*`],
      cacheControl: [CacheControl.fromString(cacheControlOf(ASSETS))],
    });
    const document = new BucketDeployment(this, 'Document', {
      ...common,
      sources: [source()],
      exclude: [`${ASSETS.slice(1)}*`],
      cacheControl: [CacheControl.fromString(cacheControlOf(DOCUMENT))],
    });
    // The document names the assets, so the assets must be there first.
    document.node.addDependency(assets);
    for (const handler of Stack.of(this).node.children.filter(({ node }) => node.id.startsWith(CDK_HANDLER))) {
      acknowledge(handler, {
        ...HANDLER_REASONS,
        [wildcardResource(this, files.arnForObjects('*'))]: WHOLE_BUCKETS,
        [deploymentBucket(this)]: WHOLE_BUCKETS,
      });
    }
  }
}

/** Makes the id of the finding on the bucket of the deployment, as cdk-nag writes it. */
function deploymentBucket(scope: Construct): string {
  const { account, region, synthesizer } = Stack.of(scope);
  const accountId = Token.isUnresolved(account) ? '<AWS::AccountId>' : account;
  const regionName = Token.isUnresolved(region) ? '<AWS::Region>' : region;
  const bucket = `cdk-${synthesizer.bootstrapQualifier ?? DEFAULT_QUALIFIER}-assets-${accountId}-${regionName}`;
  return `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::${bucket}/*]`;
}

/** Forwards every path of the API, including paths that end in a parameter. */
function apiBehaviors({ api, settings }: HttpApi): Record<string, BehaviorOptions> {
  const domain = settings.domainName ?? `${api.apiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}`;
  const behavior = {
    origin: new HttpOrigin(domain),
    viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
    allowedMethods: AllowedMethods.ALLOW_ALL,
    cachePolicy: CachePolicy.CACHING_DISABLED,
    originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
  };
  const paths = new Set(ROUTE_PATHS.map(({ path }) => path.replace(/\{[^}]+\}$/, '*')));
  return Object.fromEntries([...paths].map((path) => [path, behavior]));
}

/**
 * Returns the issuer's own origin, which has the discovery document. The token endpoint is often
 * elsewhere (Cognito: on the domain of the user pool). An issuer that CloudFormation fills in is
 * not a URL yet.
 */
function issuerOrigin(issuer: string): string {
  if (!Token.isUnresolved(issuer)) return new URL(issuer).origin;
  return `https://${Fn.select(2, Fn.split('/', issuer))}`;
}
