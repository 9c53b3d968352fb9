import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { IHostedZone } from 'aws-cdk-lib/aws-route53';
import type { AutoSwiftNet } from '../tagging/auto-swift-net.ts';

export interface HttpApiProps {
  /** What the API answers from. */
  readonly service: AutoSwiftNet;
  /**
   * Reserved concurrency of the API's function, 1 to 1,000. Lambda leaves at least 100 of the account
   * unreserved, so a new account refuses it.
   * @default - none
   */
  readonly apiConcurrency?: number | undefined;
  /**
   * Instances of the API's function that are always started, 0 to 1,000. They cost money by the hour.
   * @default 0
   */
  readonly apiProvisionedConcurrency?: number | undefined;
  /**
   * Requests per second, on average, 1 to 10,000; more are throttled.
   * @default 50
   */
  readonly throttleRate?: number | undefined;
  /**
   * Requests in a short burst, 1 to 5,000; more are throttled.
   * @default 100
   */
  readonly throttleBurst?: number | undefined;
  /**
   * Issuer of the JWTs that the API accepts, an https URL. It needs `jwtAudience`.
   * @default - IAM with SigV4
   */
  readonly jwtIssuer?: string | undefined;
  /**
   * Audiences of the JWTs that the API accepts. It needs `jwtIssuer`.
   * @default - IAM with SigV4
   */
  readonly jwtAudience?: readonly string[] | undefined;
  /**
   * Client id of the page at `jwtIssuer`, a public client.
   * @default - the first audience
   */
  readonly oidcClientId?: string | undefined;
  /**
   * Domain name of the API. It needs `certificate`.
   * @default - the name that API Gateway chooses
   */
  readonly domainName?: string | undefined;
  /**
   * Certificate of `domainName`, in the region of the stack.
   * @default - none
   */
  readonly certificate?: ICertificate | undefined;
  /**
   * Hosted zone of Route 53 that gets the record of `domainName`.
   * @default - none; an output says where DNS must point
   */
  readonly hostedZone?: IHostedZone | undefined;
}
