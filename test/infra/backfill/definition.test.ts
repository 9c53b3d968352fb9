import validate from 'asl-validator';
import { MAX_BATCH_BYTES, MAX_ITEMS_PER_BATCH } from '../../../functions/backfill/batch.ts';
import { backfillDefinition } from '../../../infra/backfill/definition.ts';
import { definitionSchema } from './state-machine/definition-schema.ts';

const DEFINITION = backfillDefinition({
  partition: 'aws',
  functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:backfill:live',
  serviceBucketName: 'service',
  defaultConcurrency: 1,
  inventoryBucket: null,
});

test('the definition is valid', () => {
  const { isValid, errors } = validate(JSON.parse(JSON.stringify(DEFINITION)), { checkArn: true, checkPaths: true });

  expect(errors).toEqual([]);
  expect(isValid).toBe(true);
});

test('a mistake in it would be found', () => {
  const { TagListed } = DEFINITION.States;
  const wrong = { ...DEFINITION, States: { ...DEFINITION.States, TagListed: { ...TagListed, ItemBatcher: 1 } } };

  expect(validate(JSON.parse(JSON.stringify(wrong))).isValid).toBe(false);
});

test('batches fit into the input of an execution, and can be redriven', () => {
  const { TagListed, TagInventoried } = definitionSchema.parse(JSON.parse(JSON.stringify(DEFINITION))).States;

  for (const map of [TagListed, TagInventoried]) {
    expect(map).toMatchObject({
      ItemBatcher: { MaxItemsPerBatch: MAX_ITEMS_PER_BATCH, MaxInputBytesPerBatch: MAX_BATCH_BYTES },
      ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } },
    });
  }
});
