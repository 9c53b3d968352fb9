import { useAssemblies } from './assemblies.ts';
import type { ContextName } from './configurations.ts';

const assembly = useAssemblies();

/** A resource with another logical id is another resource: CloudFormation would leave the data behind. */
const WITH_DATA = {
  ImagesBucket4B6DB8E1: 'AWS::S3::Bucket',
  RecordsTableC9B7A30B: 'AWS::DynamoDB::Table',
  ServiceBucket91D6FFCF: 'AWS::S3::Bucket',
};
const PAGE = { PageFiles79CCA538: 'AWS::S3::Bucket' };

test.each<[ContextName, Record<string, string>]>([
  ['default', WITH_DATA],
  ['chosen', WITH_DATA],
  ['page', { ...WITH_DATA, ...PAGE }],
])('what holds data keeps its logical id, in the configuration %s', (name, expected) => {
  const { Resources } = assembly(name).template;

  const found = Object.entries(Resources).filter(([, { Type }]) => /^AWS::(S3::Bucket|DynamoDB::Table)$/.test(Type));

  expect(Object.fromEntries(found.map(([id, { Type }]) => [id, Type]))).toEqual(expected);
});
