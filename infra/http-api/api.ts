import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  HttpApi,
  HttpMethod,
  HttpNoneAuthorizer,
  HttpStage,
  type IHttpRouteAuthorizer,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer, HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { apiEnvironmentSchema } from '../../functions/api/dependencies.ts';
import { FUNCTION_TIMEOUT_SECONDS } from '../../functions/api/limits.ts';
import { healthEnvironmentSchema } from '../../functions/health/settings.ts';
import { TABLE_INDEXES } from '../../functions/records/table-schema.ts';
import { THUMBNAIL_PREFIX } from '../../functions/thumbnails/thumbnail-prefix.ts';
import type { Core } from '../core/core.ts';
import { ServiceFunction } from '../core/service-function.ts';
import { variablesOf } from '../core/variables.ts';
import { acknowledge, wildcardResource } from '../parts/acknowledge.ts';
import { accessLogFormat } from './access-log.ts';
import { ApiDomain } from './api-domain.ts';

/** The function computes nothing. More memory means more processor time, and a quicker start. */
const HEALTH_MEMORY_MB = 256;
const HEALTH_TIMEOUT = Duration.seconds(10);

/**
 * API Gateway adds each log group with another name to one resource policy of the account, which
 * may have 5,120 characters and is soon full.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html
 */
const ACCESS_LOG_PREFIX = '/aws/vendedlogs/apigateway/';

/**
 * The HTTP API. One function behind it does its own routing. Access is by IAM, or by the JWTs of an
 * issuer.
 */
export class Api extends Construct {
  readonly service: ServiceFunction;
  private readonly health: ServiceFunction;
  readonly api: HttpApi;
  readonly url: string;

  constructor(scope: Construct, id: string, core: Core) {
    super(scope, id);
    const { configuration, artefacts } = core;
    this.service = new ServiceFunction(this, 'Function', {
      code: artefacts.functions.api,
      description: 'Answers the HTTP API',
      layers: core.layers,
      architecture: configuration.architecture,
      memoryMb: configuration.memoryMb,
      timeout: Duration.seconds(FUNCTION_TIMEOUT_SECONDS),
      logRetentionDays: configuration.logRetentionDays,
      reservedConcurrency: configuration.apiConcurrency,
      provisionedConcurrency: configuration.apiProvisionedConcurrency,
      variables: variablesOf(apiEnvironmentSchema, core.variables),
    });
    this.grant(core);
    this.health = this.addHealth(core);
    this.api = new HttpApi(this, 'Http', {
      apiName: `${configuration.stackName}-api`,
      createDefaultStage: false,
      disableExecuteApiEndpoint: configuration.domainName !== undefined,
      defaultAuthorizer: this.authorizer(core),
      defaultIntegration: new HttpLambdaIntegration('Integration', this.service.alias),
    });
    this.openRoutes();
    if (configuration.corsOrigins !== undefined) this.openPreflights();
    this.url = this.stage(core);
  }

  private authorizer({ configuration: { jwtIssuer, jwtAudience } }: Core): IHttpRouteAuthorizer {
    if (jwtIssuer === undefined || jwtAudience === undefined) return new HttpIamAuthorizer();
    return new HttpJwtAuthorizer('Jwt', jwtIssuer, { jwtAudience: [...jwtAudience] });
  }

  /** Adds the function that answers `GET /health` without the model, its layers and its memory. */
  private addHealth({ artefacts, configuration, variables }: Core): ServiceFunction {
    return new ServiceFunction(this, 'Health', {
      code: artefacts.functions.health,
      description: 'Answers GET /health, whatever becomes of the model',
      layers: [],
      architecture: configuration.architecture,
      memoryMb: HEALTH_MEMORY_MB,
      timeout: HEALTH_TIMEOUT,
      logRetentionDays: configuration.logRetentionDays,
      variables: variablesOf(healthEnvironmentSchema, variables),
    });
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

  /**
   * Adds the stage with its throttling, access log and domain.
   * @returns the URL of the API
   */
  private stage({ configuration }: Core): string {
    const { domainName, certificateArn, hostedZoneId, logRetentionDays } = configuration;
    const logGroup = new LogGroup(this, 'AccessLog', {
      logGroupName: `${ACCESS_LOG_PREFIX}${configuration.stackName}`,
      retention: logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const domain =
      domainName === undefined || certificateArn === undefined
        ? undefined
        : new ApiDomain(this, 'Domain', { domainName, certificateArn, hostedZoneId }).domain;
    const stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: configuration.throttleRate, burstLimit: configuration.throttleBurst },
      detailedMetricsEnabled: true,
      accessLogSettings: { destination: new LogGroupLogDestination(logGroup), format: accessLogFormat() },
      ...(domain === undefined ? {} : { domainMapping: { domainName: domain } }),
    });
    return domainName === undefined ? stage.url : `https://${domainName}/`;
  }

  private grant({ bucket, table, serviceBucket, heavyQueue }: Core): void {
    const objects = bucket.arnForObjects('*');
    const indexes = TABLE_INDEXES.map(({ name }) => `${table.tableArn}/index/${name}`);
    acknowledge(this.service, { [wildcardResource(this, objects)]: 'All objects of this one bucket.' });
    this.service.allow(['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject'], [objects]);
    this.service.allow(['s3:ListBucket'], [bucket.bucketArn]);
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
    if (heavyQueue === null) return;
    const jobs = serviceBucket.arnForObjects('jobs/*');
    acknowledge(this.service, { [wildcardResource(this, jobs)]: 'The images of all jobs.' });
    this.service.allow(['s3:PutObject'], [jobs]);
    this.service.allow(['sqs:SendMessage'], [heavyQueue.queue.queueArn]);
  }
}
