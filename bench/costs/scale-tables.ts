import { duration } from '../../cli/duration.ts';
import { IMAGE_ASSUMPTIONS } from '../../cli/estimates/assumptions.ts';
import { AWS_LIMITS, MOST_RECORDED_PER_SECOND } from '../../cli/estimates/aws-limits.ts';
import { estimateBackfill } from '../../cli/estimates/backfill-estimate.ts';
import { dollars, price, sum } from '../../cli/estimates/cost.ts';
import { callsOf, costsOfUploads } from '../../cli/estimates/image-costs.ts';
import { MEASURED } from '../../cli/estimates/measured.ts';
import { BUCKET_SHARDS } from '../../functions/records/bucket-shards.ts';
import { LABEL_SHARDS } from '../../functions/records/label-shards.ts';
import { ASSUMPTIONS, costsOfSearches } from './cost-table.ts';

/** Images a second. */
const RATES = [10, 1_000, 10_000] as const;

/** Share of the images that have the hottest label or search concept. */
const HOTTEST_SHARES = [0.1, 0.5, 1] as const;
const SHARDS = [LABEL_SHARDS, 16, 64] as const;
const MILLIONS = [1, 10, 100] as const;
/** The default quota of an account, and what a new one may have. */
const CONCURRENCIES = [10, 100, 1_000] as const;
const SECONDS_PER_HOUR = 3600;
const HOURS_PER_DAY = 24;
const KB_PER_MB = 1000;

/** Returns the generated blocks of docs/scale.md by name. */
export function scaleBlocks(): [string, string][] {
  return [
    ['scale-limits', limitsTable()],
    ['scale-backfill', backfillTable()],
    ['scale-shards', shardsTable()],
  ];
}

/** What each part needs at so many images a second, beside what AWS gives. */
function limitsTable(): string {
  const { tableUnitsPerRecord, indexUnitsPerRecord, rowsPerImage, logKbPerImage } = IMAGE_ASSUMPTIONS;
  const { calls, wallMs, imagesPerCall } = MEASURED['full queue'];
  const functions = (rate: number, load: keyof typeof MEASURED) => Math.ceil((rate * MEASURED[load].wallMs) / 1000);
  const { gpuImagesPerSecond } = ASSUMPTIONS;
  const workers = (rate: number) => Math.ceil(rate / gpuImagesPerSecond);
  const workerHour = price('g4dnXlargeHour') * (1 + price('managedInstancesShare'));
  const tagWrites = callsOf(calls, 'PutObjectTagging');
  const reads = callsOf(calls, 'GetObject') + callsOf(calls, 'GetObjectTagging');
  const perDay = (rate: number) =>
    sum(costsOfUploads(rate * SECONDS_PER_HOUR * HOURS_PER_DAY, 'full queue').filter(({ isMonthly }) => !isMonthly));
  const rows: [string, (rate: number) => string, string][] = [
    [
      'Lambda: tagging functions at work, full batches; lone images',
      (rate) => `${number(functions(rate, 'full queue'))}; ${number(functions(rate, 'lone uploads'))}`,
      `${number(AWS_LIMITS.lambdaConcurrency)} in an account, 10 in some new ones; \`tagConcurrency\` caps them`,
    ],
    [
      'SQS: messages in flight',
      (rate) => number(Math.ceil((rate * wallMs) / 1000) * imagesPerCall),
      number(AWS_LIMITS.sqsInFlight),
    ],
    [
      'S3: GET a second, so prefixes',
      (rate) => `${number(rate * reads)}, ${number(atLeastOne((rate * reads) / AWS_LIMITS.s3GetsPerPrefix))}`,
      `${number(AWS_LIMITS.s3GetsPerPrefix)} a prefix`,
    ],
    [
      'S3: tag writes a second, so prefixes',
      (rate) => `${number(rate * tagWrites)}, ${number(atLeastOne((rate * tagWrites) / AWS_LIMITS.s3WritesPerPrefix))}`,
      `${number(AWS_LIMITS.s3WritesPerPrefix)} a prefix`,
    ],
    [
      'DynamoDB: write units a second of the table',
      (rate) => number(rate * (tableUnitsPerRecord + rowsPerImage)),
      `${number(AWS_LIMITS.newTableWriteUnits)} while the table is new, ${number(AWS_LIMITS.tableWriteUnits)} unless AWS raises it`,
    ],
    [
      'DynamoDB: write units a second of a partition of the index by time',
      (rate) => number((rate * indexUnitsPerRecord) / BUCKET_SHARDS),
      `${number(AWS_LIMITS.partitionWriteUnits)}, so ${number(MOST_RECORDED_PER_SECOND)} images a second in a bucket`,
    ],
    [
      'DynamoDB: write units a second of a partition of the hottest label, if half of the images have it',
      (rate) => number((rate * HOTTEST_SHARES[1]) / LABEL_SHARDS),
      number(AWS_LIMITS.partitionWriteUnits),
    ],
    [
      'SNS: publishes a second',
      (rate) => number(rate * callsOf(calls, 'Publish')),
      `${number(AWS_LIMITS.snsPublishes)} in us-east-1, less elsewhere`,
    ],
    ['logs: MB a second', (rate) => number((rate * logKbPerImage) / KB_PER_MB), 'none that is near'],
    [
      'GPU: workers for the heavy model; US dollars an hour',
      (rate) => `${number(workers(rate))}; ${dollars(workers(rate) * workerHour)}`,
      "`gpuMaxTasks`, and the account's quota of vCPUs for G and VT instances",
    ],
    ['cost of a day, US dollars, without keeping tags', (rate) => number(Math.round(perDay(rate))), ''],
  ];
  return table(
    ['at so many images', ...RATES.map((rate) => `${number(rate)} a second`), 'limit'],
    rows.map(([what, at, limit]) => [what, ...RATES.map(at), limit]),
  );
}

/** Cost and time of a backfill. */
function backfillTable(): string {
  const rows = MILLIONS.map((millions) => {
    const images = millions * 1_000_000;
    const [first, ...others] = CONCURRENCIES.map((concurrency) =>
      estimateBackfill({ images, listed: images, concurrency }),
    );
    if (first === undefined) throw new TypeError('CONCURRENCIES is empty');
    const untagged = estimateBackfill({ images, listed: images, concurrency: 1, tagsPerImage: 0 });
    return [
      `${number(millions)} million`,
      dollars(first.usd),
      dollars(first.usdPerMonth),
      dollars(untagged.usd),
      ...[first, ...others].map(({ seconds }) => duration(seconds)),
    ];
  });
  return table(
    [
      'images',
      'with tags, US dollars',
      'keeping the tags, a month',
      'without tags, US dollars',
      ...CONCURRENCIES.map((concurrency) => `time, ${number(concurrency)} at once`),
    ],
    rows,
  );
}

/** What more shards of the label index do to the hottest label, and to searches. */
function shardsTable(): string {
  const rows = SHARDS.map((shards) => {
    const searches = costsOfSearches(shards);
    return [
      `${shards}${shards === LABEL_SHARDS ? ' (today)' : ''}`,
      ...HOTTEST_SHARES.map((share) => number((shards * AWS_LIMITS.partitionWriteUnits) / share)),
      ...[searches[0], searches.at(-1)].map((cost) => dollars(cost?.usd ?? Number.NaN)),
    ];
  });
  return table(
    [
      'shards',
      ...HOTTEST_SHARES.map((share) => `images a second, if ${100 * share}% have the label`),
      'a million searches for `dog`, US dollars',
      'for `device`',
    ],
    rows,
  );
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n');
}

function atLeastOne(prefixes: number): number {
  return Math.max(1, Math.ceil(prefixes));
}

function number(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 2 });
}
