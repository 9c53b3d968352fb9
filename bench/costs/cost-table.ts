import { LIST_PRICES } from './list-prices.ts';

/** One line of a bill. */
export interface Cost {
  readonly what: string;
  readonly usd: number;
  /** How it is computed. */
  readonly how: string;
}

/** The assumptions about a deployment: every figure that is not a price. */
export const ASSUMPTIONS = {
  /** The default memory, one full vCPU. */
  memoryGb: 1769 / 1024,
  /**
   * ResNet-50 int8 takes about 12 ms to run and 38 ms to decode 10 megapixels; the rest is waiting
   * for S3 and DynamoDB.
   */
  secondsPerImage: 0.1,
  /**
   * S3 sends the message, Lambda receives and deletes it, with one image per call. A full queue
   * makes it a fifth.
   */
  sqsRequestsPerImage: 3,
  /**
   * A record of ten predictions has 1.3 kB, which is two write units. Two label rows of 0.4 kB are
   * written to the table and to the index.
   */
  writeUnitsPerImage: 2 + 2 * 2,
  /**
   * Record and rows are read consistently before and after the work; each time they have less than
   * 4 kB.
   */
  readUnitsPerImage: 2,
  tagsPerImage: 3,
  /** One log line per image. */
  logKbPerImage: 1,
  /** Not measured: others report this speed of a T4 for networks of this size. */
  gpuImagesPerSecond: 100,
  /** Number of metrics in the alarms, without and with the heavy service. */
  alarmMetrics: { without: 8, with: 17 },
  /** Lambda polls an empty queue with five pollers, each every 20 s. */
  idlePollsPerMonth: 5 * 3 * 60 * 730,
  privateEndpoints: { services: 8, zones: 2 },
} as const;

const MILLION = 1_000_000;
const HOURS_PER_MONTH = 730;
const SECONDS_PER_HOUR = 3600;

const price = (name: keyof typeof LIST_PRICES) => LIST_PRICES[name].usd;

/** Returns the costs of a million images that are uploaded and tagged. */
export function costsPerMillionImages(): Cost[] {
  const {
    memoryGb,
    secondsPerImage,
    sqsRequestsPerImage,
    writeUnitsPerImage,
    readUnitsPerImage,
    tagsPerImage,
    logKbPerImage,
  } = ASSUMPTIONS;
  return [
    {
      what: 'Lambda, compute',
      usd: MILLION * memoryGb * secondsPerImage * price('lambdaArmGbSecond'),
      how: `${secondsPerImage * 1000} ms at ${Math.round(memoryGb * 1024)} MB, arm64`,
    },
    { what: 'Lambda, requests', usd: MILLION * price('lambdaRequest'), how: 'one image per call' },
    {
      what: 'SQS',
      usd: MILLION * sqsRequestsPerImage * price('sqsRequest'),
      how: `${sqsRequestsPerImage} requests per image`,
    },
    { what: 'S3, reading the image', usd: MILLION * price('s3Get'), how: 'one GET' },
    {
      what: 'DynamoDB',
      usd: MILLION * (writeUnitsPerImage * price('dynamoWrite') + readUnitsPerImage * price('dynamoRead')),
      how: `${writeUnitsPerImage} write units, ${readUnitsPerImage} read units`,
    },
    { what: 'SNS', usd: MILLION * price('snsPublish'), how: 'one publish' },
    {
      what: 'logs',
      usd: ((MILLION * logKbPerImage) / MILLION) * price('logsGb'),
      how: `${logKbPerImage} kB per image`,
    },
    {
      what: 'writing tags',
      usd: MILLION * (price('s3Get') + price('s3Put')),
      how: 'one read and one write; none with `tagLabels=0`',
    },
    {
      what: 'keeping tags, every month',
      usd: MILLION * tagsPerImage * price('s3TagMonth'),
      how: `${tagsPerImage} tags per image`,
    },
  ];
}

/** Returns the costs of a month in which nothing happens, without any free tier. */
export function costsAtIdle(): Cost[] {
  const { alarmMetrics, idlePollsPerMonth, privateEndpoints } = ASSUMPTIONS;
  const polls = idlePollsPerMonth * price('sqsRequest');
  const endpointHours = privateEndpoints.services * privateEndpoints.zones * HOURS_PER_MONTH;
  return [
    {
      what: 'without the GPU',
      usd: alarmMetrics.without * price('alarmMetricMonth') + polls,
      how: `the alarms' ${alarmMetrics.without} metrics, and Lambda polling the empty queue`,
    },
    {
      what: 'with the GPU, `network=public`',
      usd: alarmMetrics.with * price('alarmMetricMonth') + polls,
      how: `the alarms' ${alarmMetrics.with} metrics; no machine, no address and no endpoint runs`,
    },
    {
      what: 'with the GPU, `network=private`',
      usd: alarmMetrics.with * price('alarmMetricMonth') + polls + endpointHours * price('interfaceEndpointHour'),
      how: `the same, and ${privateEndpoints.services} interface endpoints in ${privateEndpoints.zones} zones`,
    },
  ];
}

/**
 * Returns the costs of a million images with other services, and with AutoSwiftNet in other ways.
 */
export function alternatives(): Cost[] {
  const { gpuImagesPerSecond } = ASSUMPTIONS;
  const hours = MILLION / gpuImagesPerSecond / SECONDS_PER_HOUR;
  const machine = price('g4dnXlargeHour') * (1 + price('managedInstancesShare'));
  const tagging = costsPerMillionImages();
  const ofTags = (cost: Cost) => /tags/.test(cost.what);
  return [
    {
      what: 'AutoSwiftNet, tagging uploads',
      usd: sum(tagging.filter((cost) => !/month/.test(cost.what))),
      how: 'the first table, without keeping the tags',
    },
    {
      what: 'the same without tags',
      usd: sum(tagging.filter((cost) => !ofTags(cost))) + MILLION * price('s3Get'),
      how: '`tagLabels=0`; one HEAD in place of the tags',
    },
    {
      what: 'a request to the API',
      usd: sum(tagging.slice(0, 2)) + MILLION * price('httpApiRequest'),
      how: 'Lambda and API Gateway',
    },
    {
      what: 'the heavy model',
      usd: hours * machine,
      how: `g4dn.xlarge, ${gpuImagesPerSecond} images/s (assumed), compute only`,
    },
    {
      what: 'SageMaker asynchronous inference',
      usd: hours * price('sagemakerG5Hour'),
      how: `ml.g5.xlarge, ${gpuImagesPerSecond} images/s (assumed), compute only`,
    },
    { what: 'Cloudflare Workers AI, resnet-50', usd: MILLION * price('cloudflareResnet'), how: 'label and score' },
    {
      what: 'Amazon Rekognition, DetectLabels',
      usd: MILLION * price('rekognitionLabels'),
      how: 'price of the first million in a month',
    },
    { what: 'Google Vision, labels', usd: (MILLION - 1000) * price('googleLabels'), how: 'the first 1,000 are free' },
  ];
}

/** Formats a table of costs, with their sum if `total` names it. */
export function toMarkdown(title: string, costs: readonly Cost[], total?: string): string {
  const rows = costs.map(({ what, usd, how }) => `| ${what} | ${dollars(usd)} | ${how} |`);
  const last = total === undefined ? [] : [`| ${total} | ${dollars(sum(costs))} | |`];
  return [`| ${title} | US dollars | |`, '| --- | --- | --- |', ...rows, ...last].join('\n');
}

/** Returns the generated blocks of docs/costs.md by name. */
export function costBlocks(): [string, string][] {
  return [
    ['cost-summary', summary()],
    ['costs-per-million', toMarkdown('per million images', costsPerMillionImages(), 'total')],
    ['costs-at-idle', toMarkdown('per month without any image', costsAtIdle())],
    ['cost-alternatives', toMarkdown('per million images', alternatives())],
  ];
}

/** Returns the sentence about the two prices that surprise people. */
function summary(): string {
  const usdOf = (name: string) => costsPerMillionImages().find(({ what }) => what === name)?.usd ?? Number.NaN;
  const taggingAnImage = (alternatives()[0]?.usd ?? Number.NaN) / MILLION;
  const gpuHour = price('g4dnXlargeHour') * (1 + price('managedInstancesShare'));
  const images = (Math.round(gpuHour / taggingAnImage / 1000) * 1000).toLocaleString('en-US');
  return [
    `- **Tags cost more than the inference.** For a million images, writing tags costs $${dollars(usdOf('writing tags'))} and keeping them`,
    `  $${dollars(usdOf('keeping tags, every month'))} a month. Computing the answers costs $${dollars(usdOf('Lambda, compute'))}. With \`tagLabels=0\` there are no tags: the record still has the answer.`,
    `- **An idle GPU is expensive.** An hour of one g4dn.xlarge costs $${dollars(gpuHour)}, as much as tagging about ${images} images.`,
  ].join('\n');
}

function sum(costs: readonly Cost[]): number {
  return costs.reduce((total, { usd }) => total + usd, 0);
}

function dollars(usd: number): string {
  return usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}
