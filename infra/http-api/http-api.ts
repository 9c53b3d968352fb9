import { Duration, Names } from 'aws-cdk-lib';
import {
  HttpApi as ApiGateway,
  HttpMethod,
  HttpNoneAuthorizer,
  HttpStage,
  type IHttpRouteAuthorizer,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer, HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { FUNCTION_TIMEOUT_SECONDS } from '../../functions/api/limits.ts';
import { apiEnvironmentSchema } from '../../functions/api/settings.ts';
import { ConfigurationError } from '../../functions/errors.ts';
import { healthEnvironmentSchema } from '../../functions/health/settings.ts';
import { TABLE_INDEXES } from '../../functions/records/table-schema.ts';
import { THUMBNAIL_PREFIX } from '../../functions/thumbnails/thumbnail-prefix.ts';
import { requireReserved, requireWholeLogin } from '../configuration/consistency.ts';
import { readSettings } from '../configuration/read-settings.ts';
import { PROP_KINDS, requireProps } from '../configuration/require-props.ts';
import type { Core } from '../core/core.ts';
import { addLogGroup } from '../core/log-group.ts';
import { addOutputs } from '../core/outputs.ts';
import { ServiceFunction } from '../core/service-function.ts';
import { tellWatched } from '../core/tell-watched.ts';
import { type FunctionVariables, selectVariables, variablesOf } from '../core/variables.ts';
import { acknowledge, wildcardResource } from '../parts/acknowledge.ts';
import { accessLogFormat } from './access-log.ts';
import { ApiDomain } from './api-domain.ts';
import type { HttpApiProps } from './http-api-props.ts';
import { API_SETTINGS, type ApiSettings } from './settings.ts';

/** The function computes nothing. More memory means more processor time, and a quicker start. */
const HEALTH_MEMORY_MB = 256;
const HEALTH_TIMEOUT = Duration.seconds(10);

/**
 * API Gateway adds each log group with another name to one resource policy of the account, which
 * may have 5,120 characters and is soon full.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html
 */
const ACCESS_LOG_PREFIX = '/aws/vendedlogs/apigateway/';
/** Leaves room for the prefix, and for what is added to the name of the API. */
const MAX_NAME_LENGTH = 100;

/**
 * The HTTP API. One function behind it does its own routing. Access is by IAM, or by the JWTs of an
 * issuer.
 */
export class HttpApi extends Construct {
  /** The API in API Gateway. */
  readonly api: ApiGateway;
  /** Address of the API, with a slash at its end. */
  readonly url: string;
  /** @internal */
  readonly domain: ApiDomain | null;
  /** The function that answers, by the alias that API Gateway calls. */
  readonly apiFunction: IFunction;
  /** @internal */
  readonly core: Core;
  /** @internal */
  readonly settings: ApiSettings;
  /** @internal */
  readonly service: ServiceFunction;
  private readonly health: ServiceFunction;
  /** Names it in API Gateway and in the logs: like its service, unless that has an API already. */
  private readonly name: string;

  /** @throws {ConfigurationError} when a prop is out of its range, or lacks the one it needs */
  constructor(scope: Construct, id: string, props: HttpApiProps) {
    super(scope, id);
    requireProps('HttpApi', props, { service: PROP_KINDS.service });
    this.settings = readSettings('HttpApi', API_SETTINGS, props);
    requireReserved(this.settings);
    requireWholeLogin(this.settings);
    requireWholeDomain(this.settings.domainName, props);
    const { core } = props.service;
    this.core = core;
    const isFirst = this.core.apis.all.length === 0;
    this.name = isFirst ? this.core.name : Names.uniqueResourceName(this, { maxLength: MAX_NAME_LENGTH });
    this.core.apis.add(this);
    const { settings, code, layers, variables } = this.core;
    this.service = new ServiceFunction(this, 'Function', core, {
      code: code.functions.api,
      description: 'Answers the HTTP API',
      layers,
      memoryMb: settings.memoryMb,
      timeout: Duration.seconds(FUNCTION_TIMEOUT_SECONDS),
      reservedConcurrency: this.settings.apiConcurrency,
      provisionedConcurrency: this.settings.apiProvisionedConcurrency,
      variables: variablesOf(apiEnvironmentSchema, { ...variables, ...loginVariables(this.settings) }),
    });
    this.apiFunction = this.service.alias;
    this.grant(this.core);
    tellWatched(this.service, this.core);
    this.health = this.addHealth(this.core);
    this.api = new ApiGateway(this, 'Http', {
      apiName: `${this.name}-api`,
      createDefaultStage: false,
      disableExecuteApiEndpoint: this.settings.domainName !== undefined,
      defaultAuthorizer: authorizer(this.settings),
      defaultIntegration: new HttpLambdaIntegration('Integration', this.service.alias),
    });
    this.openRoutes();
    if (settings.corsOrigins !== undefined) this.openPreflights();
    this.domain = this.addDomain(props);
    this.url = this.stage();
    if (isFirst) addOutputs(this, core, { ApiUrl: this.url, ApiLogs: this.service.logGroupName });
  }

  /** Adds the function that answers `GET /health` without the model, its layers and its memory. */
  private addHealth(core: Core): ServiceFunction {
    const { code, variables, heavyModels } = core;
    const health = new ServiceFunction(this, 'Health', core, {
      code: code.functions.health,
      description: 'Answers GET /health, whatever becomes of the model',
      layers: [],
      memoryMb: HEALTH_MEMORY_MB,
      timeout: HEALTH_TIMEOUT,
      variables: variablesOf(healthEnvironmentSchema, { ...variables, ...loginVariables(this.settings) }),
    });
    heavyModels.forEach((more) => {
      health.addVariables(selectVariables(healthEnvironmentSchema, more));
    });
    return health;
  }

  /** Adds the routes that a client needs before it can log in, as in openapi.yaml. */
  private openRoutes(): void {
    const answeredBy = { '/health': this.health, '/openapi.yaml': this.service };
    for (const [path, { alias }] of Object.entries(answeredBy)) {
      const routes = this.api.addRoutes({
        path,
        methods: [HttpMethod.GET, HttpMethod.HEAD],
        authorizer: new HttpNoneAuthorizer(),
        integration: new HttpLambdaIntegration('OpenIntegration', alias),
      });
      for (const route of routes) {
        acknowledge(route, {
          'AwsSolutions-APIG4': 'It says how to log in and gives away nothing else, so it needs no login.',
        });
      }
    }
  }

  /**
   * Lets preflights reach the function, which answers them. A browser sends them without
   * credentials, and the default route would ask for some.
   */
  private openPreflights(): void {
    const [route] = this.api.addRoutes({
      path: '/{proxy+}',
      methods: [HttpMethod.OPTIONS],
      authorizer: new HttpNoneAuthorizer(),
      integration: new HttpLambdaIntegration('PreflightIntegration', this.service.alias),
    });
    if (route === undefined) throw new TypeError('the API has no route for preflights');
    acknowledge(route, {
      'AwsSolutions-APIG4': 'A preflight has no credentials, and its answer says only whether an origin is allowed.',
    });
  }

  private addDomain({ certificate, hostedZone }: HttpApiProps): ApiDomain | null {
    const { domainName } = this.settings;
    if (domainName === undefined || certificate === undefined) return null;
    return new ApiDomain(this, 'Domain', { domainName, certificate, hostedZone });
  }

  /**
   * Adds the stage with its throttling, access log and domain.
   * @returns the URL of the API
   */
  private stage(): string {
    const { domainName, throttleRate, throttleBurst } = this.settings;
    const logGroup = addLogGroup(this, 'AccessLog', this.core, `${ACCESS_LOG_PREFIX}${this.name}`);
    const stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: throttleRate, burstLimit: throttleBurst },
      detailedMetricsEnabled: true,
      accessLogSettings: { destination: new LogGroupLogDestination(logGroup), format: accessLogFormat() },
      ...(this.domain === null ? {} : { domainMapping: { domainName: this.domain.domain } }),
    });
    return domainName === undefined ? stage.url : `https://${domainName}/`;
  }

  private grant({ buckets, table, serviceBucket, heavyQueue, heavyModels }: Core): void {
    const indexes = TABLE_INDEXES.map(({ name }) => `${table.tableArn}/index/${name}`);
    buckets.forEach(({ bucket, objects, keyArn }) => {
      acknowledge(this.service, { [wildcardResource(this, objects)]: 'All watched objects of this one bucket.' });
      this.service.allow(['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject'], [objects]);
      this.service.allow(['s3:ListBucket'], [bucket.bucketArn]);
      // It reads images, and signs uploads, which S3 encrypts with the rights of who signed.
      if (keyArn !== null) this.service.allow(['kms:Decrypt', 'kms:GenerateDataKey'], [keyArn]);
    });
    this.service.allow(['dynamodb:Query'], [table.tableArn, ...indexes]);
    const items = ['BatchGetItem', 'GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'];
    this.service.allow(
      items.map((action) => `dynamodb:${action}`),
      [table.tableArn],
    );
    const thumbnails = serviceBucket.arnForObjects(`${THUMBNAIL_PREFIX}*`);
    acknowledge(this.service, { [wildcardResource(this, thumbnails)]: 'The thumbnails of all images.' });
    this.service.allow(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], [thumbnails]);
    this.service.allow(['s3:ListBucket'], [serviceBucket.bucketArn]);
    this.service.allowKeys({ reads: ['table', 'serviceBucket'], writes: ['serviceBucket'] });
    heavyModels.forEach((variables) => {
      const jobs = serviceBucket.arnForObjects('jobs/*');
      acknowledge(this.service, { [wildcardResource(this, jobs)]: 'The images of all jobs.' });
      this.service.addVariables(selectVariables(apiEnvironmentSchema, variables));
      this.service.allow(['s3:PutObject'], [jobs]);
      this.service.allow(['sqs:SendMessage'], [heavyQueue.queue.queueArn]);
      this.service.allowKeys({ sends: ['queues'] });
    });
  }
}

/** A domain name needs a certificate, and both the record and the certificate need the name. */
function requireWholeDomain(domainName: string | undefined, { certificate, hostedZone }: HttpApiProps): void {
  if ((domainName === undefined) !== (certificate === undefined)) {
    throw new ConfigurationError('domainName and certificate belong together. Give HttpApi both, or neither.');
  }
  if (hostedZone !== undefined && domainName === undefined) {
    throw new ConfigurationError(
      'hostedZone is the zone that gets the record of domainName. Give HttpApi domainName and certificate too, or remove hostedZone.',
    );
  }
}

function authorizer({ jwtIssuer, jwtAudience }: ApiSettings): IHttpRouteAuthorizer {
  if (jwtIssuer === undefined || jwtAudience === undefined) return new HttpIamAuthorizer();
  return new HttpJwtAuthorizer('Jwt', jwtIssuer, { jwtAudience: [...jwtAudience] });
}

/**
 * Variables that tell the page how to get its tokens. The default client id is the first audience,
 * as with Cognito.
 */
function loginVariables({ jwtIssuer, jwtAudience, oidcClientId }: ApiSettings): FunctionVariables {
  const [audience] = jwtAudience ?? [];
  const clientId = oidcClientId ?? audience;
  if (jwtIssuer === undefined || audience === undefined || clientId === undefined) return {};
  return {
    AUTOSWIFTNET_OIDC_ISSUER: jwtIssuer,
    AUTOSWIFTNET_OIDC_CLIENT_ID: clientId,
    ...(audience === clientId ? {} : { AUTOSWIFTNET_OIDC_AUDIENCE: audience }),
  };
}
