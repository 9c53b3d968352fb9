import { BACKFILL_ASSUMPTIONS, IMAGE_ASSUMPTIONS } from './assumptions.ts';
import { type Cost, price } from './cost.ts';
import { type Load, MEASURED, type Measured } from './measured.ts';

/** What differs between deployments. */
export interface TaggingFacts {
  /** Tags of an image, 0 to 5. Default 3. */
  readonly tagsPerImage?: number;
  /** Memory of the function. Default 1,769 MB, one vCPU; with less memory it takes longer. */
  readonly memoryMb?: number;
}

const MB_PER_GB = 1024;
const KB_PER_GB = 1_000_000;

/** Returns what Lambda takes for so many calls of so many milliseconds. */
export function computeUsd(calls: number, milliseconds: number, memoryMb: number = IMAGE_ASSUMPTIONS.memoryMb): number {
  return calls * (memoryMb / MB_PER_GB) * (milliseconds / 1000) * price('lambdaArmGbSecond');
}

/** Counts an operation's calls for an image, for any version of an object. */
export function callsOf(calls: Measured['calls'], operation: string): number {
  return Object.entries(calls)
    .filter(([name]) => name.replace(/^\w+:|\+version$/g, '') === operation)
    .reduce((total, [, count]) => total + count, 0);
}

/** Returns the costs of images that are uploaded and tagged. */
export function costsOfUploads(images: number, load: Load, facts: TaggingFacts = {}): Cost[] {
  const { sqsRequestsPerImage, sqsRequestsPerCall } = IMAGE_ASSUMPTIONS;
  const { imagesPerCall } = MEASURED[load];
  const sqsRequests = sqsRequestsPerImage + sqsRequestsPerCall / imagesPerCall;
  return [
    computing(images, load, facts),
    {
      what: 'Lambda, requests',
      usd: (images / imagesPerCall) * price('lambdaRequest'),
      how: imagesPerCall === 1 ? 'one image per call' : `${imagesPerCall} images per call`,
    },
    { what: 'SQS', usd: images * sqsRequests * price('sqsRequest'), how: `${sqsRequests} requests per image` },
    ...costsOfAnswers(images, load, facts),
  ];
}

/**
 * Returns the costs of a backfill of images that have no answer yet.
 * @param listed objects that are listed to find them, those that are left out included; null for
 *   an inventory, which costs nothing to read
 */
export function costsOfBackfill(images: number, listed: number | null, facts: TaggingFacts = {}): Cost[] {
  const { imagesPerBatch, transitionsPerBatch, resultWritesPerBatch, keysPerListing } = BACKFILL_ASSUMPTIONS;
  const batches = Math.ceil(images / imagesPerBatch);
  return [
    computing(images, 'full queue', facts),
    { what: 'Lambda, requests', usd: batches * price('lambdaRequest'), how: `${imagesPerBatch} images per call` },
    {
      what: 'Step Functions',
      usd: batches * transitionsPerBatch * price('stateTransition'),
      how: `${transitionsPerBatch} state transitions per batch of ${imagesPerBatch}`,
    },
    {
      what: 'S3, listing and results',
      usd: (Math.ceil((listed ?? 0) / keysPerListing) + batches * resultWritesPerBatch) * price('s3Put'),
      how: `${listed === null ? '' : `1 LIST per ${keysPerListing.toLocaleString('en')} objects, `}${resultWritesPerBatch} PUT per batch`,
    },
    ...costsOfAnswers(images, 'full queue', facts),
  ];
}

/** Returns the price of finding out that an image has its answer already. */
export function answeredUsd(): number {
  return IMAGE_ASSUMPTIONS.readUnitsPerQuery * price('dynamoRead');
}

function computing(images: number, load: Load, { memoryMb = IMAGE_ASSUMPTIONS.memoryMb }: TaggingFacts): Cost {
  const { wallMs } = MEASURED[load];
  return { what: `Lambda, compute at ${memoryMb} MB`, usd: computeUsd(images, wallMs, memoryMb), how: `${wallMs} ms` };
}

/** What an image costs besides the function that tags it, however it came. */
function costsOfAnswers(
  images: number,
  load: Load,
  { tagsPerImage = IMAGE_ASSUMPTIONS.tagsPerImage }: TaggingFacts,
): Cost[] {
  const { tableUnitsPerRecord, indexUnitsPerRecord, readUnitsPerQuery } = IMAGE_ASSUMPTIONS;
  const { rowsPerImage, writeUnitsPerRow, logKbPerImage } = IMAGE_ASSUMPTIONS;
  const { calls } = MEASURED[load];
  const writeUnits = tableUnitsPerRecord + indexUnitsPerRecord;
  const readUnits = callsOf(calls, 'Query') * readUnitsPerQuery;
  return [
    {
      what: 'S3, reading the image',
      usd: images * callsOf(calls, 'GetObject') * price('s3Get'),
      how: `${callsOf(calls, 'GetObject')} GET`,
    },
    {
      what: 'DynamoDB, the record',
      usd: images * (writeUnits * price('dynamoWrite') + readUnits * price('dynamoRead')),
      how: `${writeUnits} write units, ${readUnits} read units`,
    },
    {
      what: 'DynamoDB, rows for search',
      usd: images * rowsPerImage * writeUnitsPerRow * price('dynamoWrite'),
      how: `${rowsPerImage} rows (a search concept and two labels), ${writeUnitsPerRow} write units each`,
    },
    {
      what: 'SNS',
      usd: images * callsOf(calls, 'Publish') * price('snsPublish'),
      how: `${callsOf(calls, 'Publish')} publish`,
    },
    {
      what: 'logs',
      usd: ((images * logKbPerImage) / KB_PER_GB) * price('logsGb'),
      how: `${logKbPerImage} kB per image`,
    },
    ...costsOfTags(images, calls, tagsPerImage),
  ];
}

function costsOfTags(images: number, calls: Measured['calls'], tagsPerImage: number): Cost[] {
  if (tagsPerImage === 0) {
    return [{ what: 'S3, in place of tags', usd: images * price('s3Get'), how: 'one HEAD' }];
  }
  const [reads, writes] = [callsOf(calls, 'GetObjectTagging'), callsOf(calls, 'PutObjectTagging')];
  return [
    {
      what: 'writing tags',
      usd: images * (reads * price('s3Get') + writes * price('s3Put')),
      how: `${reads} GET, ${writes} PUT`,
    },
    {
      what: 'keeping tags, every month',
      usd: images * tagsPerImage * price('s3TagMonth'),
      how: `${tagsPerImage} tags per image`,
      isMonthly: true,
    },
  ];
}
