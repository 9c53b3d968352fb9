import { readFileSync } from 'node:fs';
import { parseHierarchy } from '../../classifier/concepts/hierarchy.ts';
import { IMAGE_ASSUMPTIONS } from '../../cli/estimates/assumptions.ts';
import { type Cost, dollars, price, sum } from '../../cli/estimates/cost.ts';
import { computeUsd, costsOfUploads } from '../../cli/estimates/image-costs.ts';
import { type Load, MEASURED } from '../../cli/estimates/measured.ts';
import { LABEL_SHARDS } from '../../functions/records/label-shards.ts';
import { MAX_PAGE_ROWS } from '../../functions/records/search.ts';
import { planSearch } from '../../functions/vocabulary/plan-search.ts';
import { toVocabulary } from '../../functions/vocabulary/vocabulary.ts';
import { IMAGENET_HIERARCHY } from '../../models/hierarchy/choose-hierarchy.ts';
import { IMAGENET_LABELS } from '../../models/labels/labels.ts';

/** Assumptions besides those of `cli/estimates/`, which the command line needs, too. */
export const ASSUMPTIONS = {
  /** A page of a search. Each image's record is read, consistently. */
  imagesPerSearch: 50,
  /** A query of a shard reads ten rows, not consistently: less than 4 kB, half a unit. */
  readUnitsPerShardQuery: 0.5,
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

const COMPUTE = `Lambda, compute at ${IMAGE_ASSUMPTIONS.memoryMb} MB`;

/** Returns the costs of a million images that are uploaded and tagged. */
export function costsPerMillionImages(load: Load): Cost[] {
  return costsOfUploads(MILLION, load);
}

/**
 * Returns what the table's reads of a million searches cost, by how many lists a word of ImageNet
 * makes a search merge.
 * @param labelShards into how many partitions of the index each list is divided
 */
export function costsOfSearches(labelShards: number = LABEL_SHARDS): Cost[] {
  const { imagesPerSearch, readUnitsPerShardQuery } = ASSUMPTIONS;
  const labels = JSON.parse(readFileSync(IMAGENET_LABELS, 'utf8'));
  const hierarchy = parseHierarchy(readFileSync(IMAGENET_HIERARCHY, 'utf8'), labels, IMAGENET_HIERARCHY);
  const vocabulary = toVocabulary(labels, hierarchy);
  return ['dog', 'canine', 'animal', 'device'].map((word) => {
    const shards = planSearch([vocabulary], word).length * labelShards;
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
  const request = (ms: number) =>
    computeUsd(MILLION, ms) + MILLION * (price('lambdaRequest') + price('httpApiRequest'));
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
  return [
    {
      what: 'AutoSwiftNet, tagging uploads',
      usd: sum(tagging.filter(({ isMonthly }) => !isMonthly)),
      how: 'a full queue, without keeping the tags',
    },
    {
      what: 'the same without tags',
      usd: sum(costsOfUploads(MILLION, 'full queue', { tagsPerImage: 0 })),
      how: '`tagLabels=0`; one HEAD in place of the tags',
    },
    {
      what: 'a request to the API',
      usd:
        computeUsd(MILLION, MEASURED['lone uploads'].processorMs) +
        MILLION * (price('lambdaRequest') + price('httpApiRequest')),
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
  const { imagesPerCall, wallMs } = MEASURED['full queue'];
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
