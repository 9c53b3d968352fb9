import type { Found, FoundItem } from './found.ts';

/** What must be found about one object that is there in the end. */
export interface Expected {
  readonly key: string;
  /** MD5 of its content, as hex digits. */
  readonly eTag: string;
  readonly state: 'tagged' | 'rejected' | 'failed';
  /** Best first; empty unless it is tagged. */
  readonly predictions: readonly { readonly label: string; readonly probability: number }[];
  /** What it must have rows for, in their order: search concepts and labels. */
  readonly rows: readonly { readonly id: string; readonly label: string; readonly probability: number }[];
  readonly model: string;
  /** The tags that users gave it. */
  readonly userTags: Readonly<Record<string, string>>;
}

/** The settings of the run. */
export interface AuditSettings {
  readonly bucket: string;
  /** Keys of objects that were deleted. */
  readonly deleted: readonly string[];
}

const RECORD = 'IMAGE';
const RECORD_PREDICTIONS = 10;
/** SNS, S3 and DynamoDB keep numbers as decimal text. */
const TOLERANCE = 1e-9;

/**
 * Compares what the services hold in the end with what must be there: objects, tags, records, label
 * rows, published results and queues. It knows the names and formats from the documents, and calls
 * nothing of the code under test.
 * @returns one sentence for each difference
 */
export function audit(found: Found, expected: readonly Expected[], settings: AuditSettings): string[] {
  const wanted = new Set(expected.map(({ key }) => key));
  const known = new Set([...wanted, ...settings.deleted]);
  return [
    ...expected.flatMap((one) => auditObject(one, found, settings)),
    ...[...found.objects.keys()].filter((key) => !wanted.has(key)).map((key) => `${key}: the object is there`),
    ...found.items.filter(({ key, deletedAt }) => !wanted.has(key) && !deletedAt).map(describeLeftover),
    ...found.messages.filter(({ key }) => !known.has(key)).map(({ key }) => `${key}: a result was published`),
    ...Object.entries(found.queues)
      .filter(([, count]) => count > 0)
      .map(([name, count]) => `queue ${name}: ${count} messages are left`),
  ];
}

function auditObject(expected: Expected, { objects, items, messages }: Found, settings: AuditSettings): string[] {
  const { key } = expected;
  const pk = `IMAGE#${settings.bucket}/${key}`;
  const own = items.filter((item) => item.pk === pk);
  const record = own.find(({ sk }) => sk === RECORD);
  const rows = own.filter(({ sk }) => sk !== RECORD);
  const published = messages.filter((message) => message.key === key);
  return [
    ...auditContent(expected, objects),
    ...auditRecord(expected, record),
    ...auditRows(expected, record, rows),
    ...(published.some(({ state, predictions }) => state === expected.state && isSame(predictions, stored(expected)))
      ? []
      : [`${published.length} results were published, none of them the expected one`]),
  ].map((fault) => `${key}: ${fault}`);
}

function auditContent({ key, eTag, userTags, ...answer }: Expected, objects: Found['objects']): string[] {
  const object = objects.get(key);
  if (object === undefined) return ['the object is gone'];
  if (object.eTag !== eTag) return [`the object has ETag ${object.eTag}, expected ${eTag}`];
  const [best] = answer.predictions;
  const tags: Record<string, string> = {
    ...userTags,
    ...(best && {
      'autoswiftnet:label': best.label,
      'autoswiftnet:confidence': best.probability.toFixed(3),
      'autoswiftnet:model': answer.model,
    }),
  };
  const names = [...new Set([...Object.keys(tags), ...Object.keys(object.tags)])].sort();
  return names
    .filter((name) => tags[name] !== object.tags[name])
    .map((name) => `tag ${name} is ${object.tags[name]}, expected ${tags[name]}`);
}

function auditRecord(expected: Expected, record: FoundItem | undefined): string[] {
  if (record === undefined) return ['there is no record'];
  if (record.deletedAt) return ['there is a tombstone instead of a record'];
  const { eTag, state, model, predictions } = record;
  return [
    ...(eTag === expected.eTag ? [] : [`the record has ETag ${eTag}, expected ${expected.eTag}`]),
    ...(state === expected.state ? [] : [`the record has state ${state}, expected ${expected.state}`]),
    ...(model === expected.model ? [] : [`the record has model ${model}, expected ${expected.model}`]),
    ...(isSame(predictions ?? [], stored(expected)) ? [] : ['the record has other predictions than expected']),
  ];
}

function auditRows(expected: Expected, record: FoundItem | undefined, rows: readonly FoundItem[]): string[] {
  const wanted = new Map(expected.rows.map((row, index) => [`RANK#${index + 1}`, row]));
  const missing = [...wanted.keys()].filter((sk) => !rows.some((row) => row.sk === sk));
  return [
    ...missing.map((sk) => `label row ${sk} is missing`),
    ...rows.flatMap((row) => {
      const listed = wanted.get(row.sk);
      if (listed === undefined) return [`there is a label row ${row.sk} of ${row.label}`];
      const { label, labelShard, probability, sequencer, stage } = row;
      const fits = label === listed.label && labelShard?.startsWith(`${listed.id}#`);
      return [
        ...(fits ? [] : [`label row ${row.sk} is of ${labelShard}, expected ${listed.label}`]),
        ...(isClose(probability ?? -1, listed.probability) ? [] : [`label row ${row.sk} has another probability`]),
        ...(sequencer === record?.sequencer && stage === record.stage
          ? []
          : [`label row ${row.sk} is of another position than the record`]),
      ];
    }),
  ];
}

function describeLeftover({ key, sk }: FoundItem): string {
  return `${key}: there is ${sk === RECORD ? 'a record' : `a label row ${sk}`} without an object`;
}

function stored({ predictions }: Expected): Expected['predictions'] {
  return predictions.slice(0, RECORD_PREDICTIONS);
}

function isSame(found: Expected['predictions'], expected: Expected['predictions']): boolean {
  return (
    found.length === expected.length &&
    found.every(({ label, probability }, index) => {
      const other = expected[index];
      return other !== undefined && label === other.label && isClose(probability, other.probability);
    })
  );
}

function isClose(one: number, other: number): boolean {
  return Math.abs(one - other) <= TOLERANCE;
}
