import { ConfigurationError } from '../../functions/errors.ts';
import { shownValue } from './shown-value.ts';

/** What a prop must be: an object with these members. */
export interface PropKind {
  /** Completes the sentence "the prop NAME of CONSTRUCT must be …". */
  readonly expected: string;
  readonly members: readonly string[];
}

/**
 * Props that are objects. They are told by their members, because an app may hold two copies of the
 * CDK or of this package.
 */
export const PROP_KINDS = {
  bucket: {
    expected: "a bucket of the CDK, such as Bucket.fromBucketName(this, 'Photos', 'my-photos')",
    members: ['bucketName', 'arnForObjects'],
  },
  table: {
    expected: "a table of the CDK, such as Table.fromTableName(this, 'Records', 'my-records')",
    members: ['tableName', 'tableArn'],
  },
  topic: {
    expected: "a topic of the CDK, such as Topic.fromTopicArn(this, 'Results', 'arn:aws:sns:…')",
    members: ['topicArn'],
  },
  key: { expected: "a key of the CDK, such as new Key(this, 'Key')", members: ['keyArn', 'addToResourcePolicy'] },
  vpc: { expected: "a VPC of the CDK, such as Vpc.fromLookup(this, 'Vpc', …)", members: ['vpcId', 'selectSubnets'] },
  model: {
    expected: "a ModelPackage, such as ModelPackage.fromFolder('models/cache/resnet50_swsl.int8')",
    members: ['packageDir', 'manifest'],
  },
  image: { expected: 'a WorkerImage, such as WorkerImage.prebuilt()', members: ['source'] },
  service: { expected: "an AutoSwiftNet, such as new AutoSwiftNet(this, 'Tagging')", members: ['core', 'tagging'] },
  api: {
    expected: "an HttpApi, such as new HttpApi(this, 'Api', { service })",
    members: ['core', 'apiFunction'],
  },
  backfill: {
    expected: "a Backfill, such as new Backfill(this, 'Backfill', { service })",
    members: ['stateMachine'],
  },
  heavyModels: {
    expected: "a HeavyModels, such as new HeavyModels(this, 'Heavy', …)",
    members: ['limit', 'runningTasks'],
  },
} as const satisfies Readonly<Record<string, PropKind>>;

/** The kinds of some props, by their names. */
type Kinds = Readonly<Record<string, PropKind>>;

/**
 * Checks the props of a construct that are objects. Types do that in TypeScript; plain JavaScript
 * would fail somewhere inside the CDK.
 * @param construct its name, for the error
 * @param required props that must be there
 * @param optional props that may be left out
 * @throws {ConfigurationError} about the first wrong prop: what it must be, and what it is
 */
export function requireProps(construct: string, props: unknown, required: Kinds, optional: Kinds = {}): void {
  const given = Object(props) as Readonly<Record<string, unknown>>;
  for (const [name, { expected, members }] of Object.entries({ ...required, ...optional })) {
    const value = given[name];
    if (value === undefined && !(name in required)) continue;
    if (hasMembers(value, members)) continue;
    const found = value === undefined ? 'it is missing' : `it is ${shownValue(value)}`;
    throw new ConfigurationError(`the prop ${name} of ${construct} must be ${expected}, but ${found}.`);
  }
}

function hasMembers(value: unknown, members: readonly string[]): boolean {
  return typeof value === 'object' && value !== null && members.every((member) => member in value);
}
