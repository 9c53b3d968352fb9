import { readFileSync } from 'node:fs';
import { parseHierarchy } from '../../classifier/concepts/hierarchy.ts';
import { LABEL_SHARDS } from '../../functions/records/label-shards.ts';
import { MAX_PAGE_ROWS } from '../../functions/records/search.ts';
import { planSearch } from '../../functions/vocabulary/plan-search.ts';
import { toVocabulary } from '../../functions/vocabulary/vocabulary.ts';
import { IMAGENET_HIERARCHY } from '../../models/hierarchy/choose-hierarchy.ts';
import { IMAGENET_LABELS } from '../../models/labels/labels.ts';
import { readTaggingRows, type TimesRow } from '../tagging-rows.ts';
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
   * S3 sends each message by itself. Lambda receives and deletes the messages of a call together.
   */
  sqsRequestsPerImage: 1,
  sqsRequestsPerCall: 2,
  /**
   * A record of ten predictions and eight concepts has 1.9 kB, which is two write units; twelve
   * concepts would be a third. Its key, 0.2 kB, is written to the index by time.
   */
  writeUnitsPerRecord: 2 + 1,
  /** A search concept and two labels, such as dog, whippet and greyhound. Five at most. */
  rowsPerImage: 3,
  /** A row of 0.3 kB is written to the table and to the index. */
  writeUnitsPerRow: 2,
  /** Record and rows are read consistently, and have less than 4 kB. */
  readUnitsPerQuery: 1,
  /** A page of a search. Each image's record is read, consistently. */
  imagesPerSearch: 50,
  /** A query of a shard reads ten rows, not consistently: less than 4 kB, half a unit. */
  readUnitsPerShardQuery: 0.5,
  tagsPerImage: 3,
  /** One log line per image. */
  logKbPerImage: 1,
  /**
   * What one worker answered with ResNeXt-101 32x8d fp16 on an H200
   * (bench/results/gpu-worker.json). The worker was the limit: a T4 is estimated to compute four
   * times as many.
   */
  gpuImagesPerSecond: 72,
  /** Metrics of our own that exist in a month with uploads: counts, and the times of five steps. */
  taggingMetrics: 9,
  /** Estimated: the worker's image with the CUDA libraries, compressed. */
  workerImageGb: 3,
  /** Number of metrics in the alarms, without and with the heavy service. */
  alarmMetrics: { without: 13, with: 29 },
  /** Lambda polls each of two empty queues with five pollers, each every 20 s. */
  idlePollsPerMonth: 2 * 5 * 3 * 60 * 730,
  /**
   * Making a thumbnail of a photograph of 12 megapixels takes 40 ms of processor time; answering a
   * request for which nothing is computed takes a few.
   */
  thumbnailMs: 40,
  requestMs: 5,
  /** Thumbnails of photographs have 5 to 20 kB. */
  thumbnailKb: 12,
  /** The default page of `GET /images`. */
  pageImages: 50,
  /** Each of the four shards of the index is asked once, for less than 4 kB. */
  newestQueries: 4,
  privateEndpoints: { services: 8, zones: 2 },
} as const;

const MILLION = 1_000_000;
const HOURS_PER_MONTH = 730;
const SECONDS_PER_HOUR = 3600;

const price = (name: keyof typeof LIST_PRICES) => LIST_PRICES[name].usd;

const COMPUTE = `Lambda, compute at ${Math.round(ASSUMPTIONS.memoryGb * 1024)} MB`;

/** How uploads come: so many that every call has a full batch, or one at a time. */
export type Load = 'full queue' | 'lone uploads';

/** Returns what an image took when it was measured: times of an image, and its calls. */
function measured(load: Load): TimesRow & { readonly imagesPerCall: number } {
  const rows = readTaggingRows().filter((row): row is TimesRow => 'wallMs' in row && row.version === 'after');
  const [lone, batch] = rows;
  if (lone === undefined || batch === undefined) throw new TypeError('bench/results/tagging.json lacks a row');
  const imagesPerCall = Number(/\d+$/.exec(batch.what)?.[0]);
  return load === 'lone uploads' ? { ...lone, imagesPerCall: 1 } : { ...batch, imagesPerCall };
}

/** Returns what Lambda takes for a million times so many milliseconds. */
function computeUsd(milliseconds: number): number {
  return MILLION * ASSUMPTIONS.memoryGb * (milliseconds / 1000) * price('lambdaArmGbSecond');
}

/** Counts an operation's calls for an image, for any version of an object. */
function callsOf(calls: TimesRow['calls'], operation: string): number {
  return Object.entries(calls)
    .filter(([name]) => name.replace(/^\w+:|\+version$/g, '') === operation)
    .reduce((sum, [, count]) => sum + count, 0);
}

/** Returns the costs of a million images that are uploaded and tagged. */
export function costsPerMillionImages(load: Load): Cost[] {
  const { sqsRequestsPerImage, sqsRequestsPerCall, writeUnitsPerRecord, readUnitsPerQuery } = ASSUMPTIONS;
  const { rowsPerImage, writeUnitsPerRow, tagsPerImage, logKbPerImage } = ASSUMPTIONS;
  const { wallMs, calls, imagesPerCall } = measured(load);
  const sqsRequests = sqsRequestsPerImage + sqsRequestsPerCall / imagesPerCall;
  const readUnits = callsOf(calls, 'Query') * readUnitsPerQuery;
  const [tagReads, tagWrites] = [callsOf(calls, 'GetObjectTagging'), callsOf(calls, 'PutObjectTagging')];
  return [
    {
      what: COMPUTE,
      usd: computeUsd(wallMs),
      how: `${wallMs} ms`,
    },
    {
      what: 'Lambda, requests',
      usd: (MILLION / imagesPerCall) * price('lambdaRequest'),
      how: imagesPerCall === 1 ? 'one image per call' : `${imagesPerCall} images per call`,
    },
    { what: 'SQS', usd: MILLION * sqsRequests * price('sqsRequest'), how: `${sqsRequests} requests per image` },
    {
      what: 'S3, reading the image',
      usd: MILLION * callsOf(calls, 'GetObject') * price('s3Get'),
      how: `${callsOf(calls, 'GetObject')} GET`,
    },
    {
      what: 'DynamoDB, the record',
      usd: MILLION * (writeUnitsPerRecord * price('dynamoWrite') + readUnits * price('dynamoRead')),
      how: `${writeUnitsPerRecord} write units, ${readUnits} read units`,
    },
    {
      what: 'DynamoDB, rows for search',
      usd: MILLION * rowsPerImage * writeUnitsPerRow * price('dynamoWrite'),
      how: `${rowsPerImage} rows (a search concept and two labels), ${writeUnitsPerRow} write units each`,
    },
    {
      what: 'SNS',
      usd: MILLION * callsOf(calls, 'Publish') * price('snsPublish'),
      how: `${callsOf(calls, 'Publish')} publish`,
    },
    {
      what: 'logs',
      usd: ((MILLION * logKbPerImage) / MILLION) * price('logsGb'),
      how: `${logKbPerImage} kB per image`,
    },
    {
      what: 'writing tags',
      usd: MILLION * (tagReads * price('s3Get') + tagWrites * price('s3Put')),
      how: `${tagReads} GET, ${tagWrites} PUT`,
    },
    {
      what: 'keeping tags, every month',
      usd: MILLION * tagsPerImage * price('s3TagMonth'),
      how: `${tagsPerImage} tags per image`,
    },
  ];
}

/**
 * Returns what the table's reads of a million searches cost, by how many lists a word of ImageNet
 * makes a search merge.
 */
export function costsOfSearches(): Cost[] {
  const { imagesPerSearch, readUnitsPerShardQuery } = ASSUMPTIONS;
  const labels = JSON.parse(readFileSync(IMAGENET_LABELS, 'utf8'));
  const hierarchy = parseHierarchy(readFileSync(IMAGENET_HIERARCHY, 'utf8'), labels, IMAGENET_HIERARCHY);
  const vocabulary = toVocabulary(labels, hierarchy);
  return ['dog', 'canine', 'animal', 'device'].map((word) => {
    const shards = planSearch([vocabulary], word).length * LABEL_SHARDS;
    // A page reads ten rows of each shard at first, and then ten for each ten that it uses.
    const queries = shards + imagesPerSearch / MAX_PAGE_ROWS;
    const units = queries * readUnitsPerShardQuery + imagesPerSearch;
    const how = `${shards} shards, ${imagesPerSearch} records: ${units} read units`;
    return { what: `\`${word}\``, usd: MILLION * units * price('dynamoRead'), how };
  });
}

/** Returns the costs of a month in which nothing happens, without any free tier. */
export function costsAtIdle(): Cost[] {
  const { alarmMetrics, idlePollsPerMonth, privateEndpoints, workerImageGb, taggingMetrics } = ASSUMPTIONS;
  const polls = idlePollsPerMonth * price('sqsRequest') + price('dashboardMonth');
  const image = workerImageGb * price('ecrGbMonth');
  const endpointHours = privateEndpoints.services * privateEndpoints.zones * HOURS_PER_MONTH;
  return [
    {
      what: 'without the GPU',
      usd: alarmMetrics.without * price('alarmMetricMonth') + polls,
      how: `the dashboard, the alarms' ${alarmMetrics.without} metrics, and Lambda polling the empty queues of uploads and dead letters`,
    },
    {
      what: 'with the GPU, `network=public`',
      usd: alarmMetrics.with * price('alarmMetricMonth') + polls + image,
      how: `the same with ${alarmMetrics.with} metrics, and the worker's image in ECR (${workerImageGb} GB, estimated); no machine, no address and no endpoint runs`,
    },
    {
      what: 'with the GPU, `network=private`',
      usd:
        alarmMetrics.with * price('alarmMetricMonth') + polls + image + endpointHours * price('interfaceEndpointHour'),
      how: `the same, and ${privateEndpoints.services} interface endpoints in ${privateEndpoints.zones} zones`,
    },
    {
      what: 'more in a month with uploads',
      usd: taggingMetrics * price('customMetricMonth'),
      how: `${taggingMetrics} metrics of our own, however many images`,
    },
  ];
}

/**
 * Returns the costs of a million requests that a gallery makes, and of what is kept for it. A
 * thumbnail that is made reads the image, its record and what is kept (nothing), and looks twice
 * whether the image is the same.
 */
export function costsOfLooking(): Cost[] {
  const { thumbnailMs, requestMs, thumbnailKb, pageImages, newestQueries } = ASSUMPTIONS;
  const request = (ms: number) => computeUsd(ms) + MILLION * (price('lambdaRequest') + price('httpApiRequest'));
  const gets = (count: number) => MILLION * count * price('s3Get');
  const pageReads = newestQueries / 2 + pageImages;
  return [
    {
      what: 'the newest images, a page',
      usd: request(requestMs) + MILLION * pageReads * price('dynamoRead'),
      how: `${pageImages} images: ${newestQueries} queries of half a read unit, and a read unit for each record`,
    },
    {
      what: 'a thumbnail for the first time',
      usd: request(thumbnailMs) + gets(4) + MILLION * (price('s3Put') + price('dynamoRead')),
      how: `${thumbnailMs} ms; 2 GET, 2 HEAD and 1 PUT, 1 read unit`,
    },
    { what: 'a thumbnail that is kept', usd: request(requestMs) + gets(2), how: `${requestMs} ms; 1 GET, 1 HEAD` },
    { what: 'a thumbnail that the browser has', usd: request(requestMs) + gets(1), how: `${requestMs} ms; 1 HEAD` },
    {
      what: 'keeping a million thumbnails for a month',
      usd: thumbnailKb * price('s3GbMonth'),
      how: `${thumbnailKb} kB each`,
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
  const tagging = costsPerMillionImages('full queue');
  const ofTags = (cost: Cost) => /tags/.test(cost.what);
  return [
    {
      what: 'AutoSwiftNet, tagging uploads',
      usd: sum(tagging.filter((cost) => !/month/.test(cost.what))),
      how: 'a full queue, without keeping the tags',
    },
    {
      what: 'the same without tags',
      usd: sum(tagging.filter((cost) => !ofTags(cost))) + MILLION * price('s3Get'),
      how: '`tagLabels=0`; one HEAD in place of the tags',
    },
    {
      what: 'a request to the API',
      usd:
        computeUsd(measured('lone uploads').processorMs) + MILLION * (price('lambdaRequest') + price('httpApiRequest')),
      how: 'Lambda, which waits for nothing, and API Gateway',
    },
    {
      what: 'the heavy model',
      usd: hours * machine,
      how: `g4dn.xlarge, ${gpuImagesPerSecond} images/s (see below), compute only`,
    },
    {
      what: 'SageMaker asynchronous inference',
      usd: hours * price('sagemakerG5Hour'),
      how: `ml.g5.xlarge, ${gpuImagesPerSecond} images/s (see below), compute only`,
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

/** Returns README's sentence about the price of computing, and of everything else. */
function computeSentence(): string {
  const full = costsPerMillionImages('full queue');
  const { imagesPerCall, wallMs } = measured('full queue');
  return [
    `Computing the answers for a million images costs $${dollars(usdOf(full, COMPUTE))} on Lambda: [measured](docs/measurements.md#one-upload) with`,
    `ResNet-50 in int8 and a full queue, ${wallMs} ms for each image in calls of ${imagesPerCall}. Requests, records, logs and a`,
    `month of tags make it $${dollars(sum(full))} in all.`,
  ].join('\n');
}

/** Formats the costs of tagging for both loads side by side. */
function taggingTable(): string {
  const [full, lone] = [costsPerMillionImages('full queue'), costsPerMillionImages('lone uploads')];
  const rows = full.map(({ what, usd, how }, at) => {
    const other = lone[at];
    const hows = other === undefined || other.how === how ? how : `${how}; ${other.how}`;
    return `| ${what} | ${dollars(usd)} | ${dollars(other?.usd ?? Number.NaN)} | ${hows} |`;
  });
  return [
    '| per million images | full queue, US dollars | lone uploads | |',
    '| --- | --- | --- | --- |',
    ...rows,
    `| total | ${dollars(sum(full))} | ${dollars(sum(lone))} | |`,
  ].join('\n');
}

/** Returns the generated blocks of docs/costs.md by name. */
export function costBlocks(): [string, string][] {
  return [
    ['cost-compute', computeSentence()],
    ['cost-summary', summary()],
    ['costs-per-million', taggingTable()],
    ['costs-of-searches', toMarkdown('per million searches', costsOfSearches())],
    ['costs-at-idle', toMarkdown('per month without any image', costsAtIdle())],
    ['costs-of-looking', toMarkdown('per million', costsOfLooking())],
    ['cost-alternatives', toMarkdown('per million images', alternatives())],
  ];
}

/** Returns the sentence about the two prices that surprise people. */
function summary(): string {
  const full = costsPerMillionImages('full queue');
  const taggingAnImage = (alternatives()[0]?.usd ?? Number.NaN) / MILLION;
  const gpuHour = price('g4dnXlargeHour') * (1 + price('managedInstancesShare'));
  const images = (Math.round(gpuHour / taggingAnImage / 1000) * 1000).toLocaleString('en-US');
  return [
    `- **Tags cost more than the inference.** For a million images, writing tags costs $${dollars(usdOf(full, 'writing tags'))} and keeping them`,
    `  $${dollars(usdOf(full, 'keeping tags, every month'))} a month. Computing the answers of a full queue costs $${dollars(usdOf(full, COMPUTE))}. With \`tagLabels=0\` there are no tags: the record still has the answer.`,
    `- **An idle GPU is expensive.** An hour of one g4dn.xlarge costs $${dollars(gpuHour)}, as much as tagging about ${images} images.`,
  ].join('\n');
}

function usdOf(costs: readonly Cost[], name: string): number {
  return costs.find(({ what }) => what === name)?.usd ?? Number.NaN;
}

function sum(costs: readonly Cost[]): number {
  return costs.reduce((total, { usd }) => total + usd, 0);
}

function dollars(usd: number): string {
  return usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}
