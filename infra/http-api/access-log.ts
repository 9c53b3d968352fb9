import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';

/**
 * Fields of the JSON object that is logged for each request:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
 */
const FIELDS = {
  requestId: '$context.requestId',
  time: '$context.requestTime',
  ip: '$context.identity.sourceIp',
  method: '$context.httpMethod',
  path: '$context.path',
  protocol: '$context.protocol',
  status: '$context.status',
  bytes: '$context.responseLength',
  latencyMs: '$context.responseLatency',
  error: '$context.error.message',
  integrationError: '$context.integrationErrorMessage',
  userAgent: '$context.identity.userAgent',
} as const;

export function accessLogFormat(): AccessLogFormat {
  return AccessLogFormat.custom(JSON.stringify(FIELDS));
}
