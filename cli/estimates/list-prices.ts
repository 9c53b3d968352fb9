/** One list price. */
export interface Price {
  /** Price of one unit in US dollars. */
  readonly usd: number;
  /** What one unit is. */
  readonly of: string;
  readonly source: string;
}

export const REGION = 'us-east-1';
/** When the prices were collected. */
export const COLLECTED = '2026-11';

/** Public list prices, without free tiers. */
export const LIST_PRICES = {
  lambdaArmGbSecond: { usd: 0.0000133334, of: 'Lambda on arm64, a GB-second', source: 'several price tables of 2026' },
  lambdaRequest: { usd: 0.0000002, of: 'Lambda, a request', source: 'several price tables of 2026' },
  sqsRequest: { usd: 0.0000004, of: 'SQS standard, a request', source: 'several price tables' },
  snsPublish: { usd: 0.0000005, of: 'SNS, a publish', source: 'general knowledge, not checked' },
  s3Get: { usd: 0.0000004, of: 'S3, a GET', source: 'AWS price list AmazonS3/20260928230416' },
  s3Put: { usd: 0.000005, of: 'S3, a PUT or a tag write', source: 'AWS price list AmazonS3/20260928230416, S3 FAQ' },
  s3GbMonth: { usd: 0.023, of: 'S3 Standard, a GB for a month', source: 'general knowledge, not checked' },
  s3TagMonth: { usd: 0.00000065, of: 'S3, a tag for a month', source: 'AWS price list, since March 2025' },
  dynamoWrite: {
    usd: 0.000000625,
    of: 'DynamoDB on demand, a write unit',
    source: 'several price tables, since November 2024',
  },
  dynamoRead: {
    usd: 0.000000125,
    of: 'DynamoDB on demand, a read unit',
    source: 'several price tables, since November 2024',
  },
  stateTransition: {
    usd: 0.000025,
    of: 'Step Functions, a state transition of a standard workflow',
    source: "AWS's price page of Step Functions",
  },
  httpApiRequest: { usd: 0.000001, of: 'API Gateway HTTP API, a request', source: 'two price tables of 2025' },
  logsGb: { usd: 0.5, of: 'CloudWatch Logs, a GB taken in', source: 'general knowledge, not checked' },
  alarmMetricMonth: {
    usd: 0.1,
    of: 'CloudWatch, a metric of an alarm for a month',
    source: 'general knowledge, not checked',
  },
  customMetricMonth: {
    usd: 0.3,
    of: 'CloudWatch, a metric of your own for a month',
    source: 'a cost calculator of 2026',
  },
  dashboardMonth: { usd: 3, of: 'CloudWatch, a dashboard for a month', source: 'general knowledge, not checked' },
  ecrGbMonth: { usd: 0.1, of: 'ECR, a GB for a month', source: 'three price guides of 2026' },
  interfaceEndpointHour: { usd: 0.01, of: 'interface endpoint, an hour in a zone', source: 'one price table of 2026' },
  g4dnXlargeHour: { usd: 0.526, of: 'g4dn.xlarge on demand, an hour', source: 'five price tables of 2026' },
  managedInstancesShare: {
    usd: 0.078,
    of: "ECS managed instances, share of the instance's price",
    source: "one team's bill of 2026",
  },
  sagemakerG5Hour: { usd: 1.41, of: 'SageMaker ml.g5.xlarge, an hour', source: 'one price table of October 2025' },
  rekognitionLabels: {
    usd: 0.001,
    of: 'Rekognition DetectLabels, an image of the first million a month',
    source: 'several price tables',
  },
  googleLabels: {
    usd: 0.0015,
    of: 'Google Vision labels, an image after the first 1,000 a month',
    source: 'five price tables',
  },
  cloudflareResnet: {
    usd: 0.00000251,
    of: 'Cloudflare Workers AI resnet-50, an image',
    source: "Cloudflare's documentation",
  },
} as const satisfies Record<string, Price>;
