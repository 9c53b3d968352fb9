import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { APIGatewayProxyEventV2, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { openDependencies as openApi } from '../../../functions/api/dependencies.ts';
import { ROUTES } from '../../../functions/api/routes.ts';
import { createApiHandler } from '../../../functions/api/serve.ts';
import { answerCall } from '../../../functions/backfill/answer-call.ts';
import { parseCall } from '../../../functions/backfill/batch.ts';
import { openDependencies as openBackfill } from '../../../functions/backfill/dependencies.ts';
import { handleDeadLetter } from '../../../functions/dead-letters/dead-letter.ts';
import { openDependencies as openDeadLetters } from '../../../functions/dead-letters/dependencies.ts';
import { createDeadLetterReport } from '../../../functions/dead-letters/report.ts';
import { openTaggingFunction } from '../../../functions/dead-letters/tagging-function.ts';
import { logger, metrics } from '../../../functions/log.ts';
import { openDependencies as openTagging } from '../../../functions/tag-upload/dependencies.ts';
import { handleMessage } from '../../../functions/tag-upload/message.ts';
import { createReport } from '../../../functions/tag-upload/report.ts';
import { createSmallAnswerer, type ImageClassifier } from '../../../functions/tagging/answerer.ts';
import type { TaggingDependencies } from '../../../functions/tagging/open-tagging.ts';
import { validManifest } from '../../classifier/valid-manifest.ts';
import { CONTEXT } from '../../functions/api/test-api.ts';
import { MODEL_NAME, wordClassifier } from '../../functions/tagging/word-classifier.ts';
import { VARIABLES } from './environment.ts';
import {
  answerEach,
  asOneHandling,
  withoutLastLook,
  withoutRecord,
  withoutReport,
  withoutSequencerRule,
} from './guards.ts';
import { forever, lives } from './life.ts';
import type { Machine } from './machine.ts';
import { classifyPicture } from './pictures.ts';

/** An image takes so long to decode and classify. Milliseconds. */
const COMPUTE_MS = 30;

/** The small model of a process. */
function smallModel({ time }: Machine): ImageClassifier {
  return {
    ...wordClassifier,
    async classify(images) {
      await time.wait(COMPUTE_MS);
      const life = lives.getStore();
      const entries = images.map((image) => classifyPicture(image, 'small', () => life?.kill('the picture ended it')));
      return life?.isOver ? forever() : entries;
    },
  };
}

/** The tagging function, as its handler puts it together. */
export function openTaggingProcess(machine: Machine): (event: SQSEvent) => Promise<SQSBatchResponse> {
  const dependencies = withSmallModel(machine, openTagging(VARIABLES));
  const report = createReport(logger, metrics);
  return (event) => {
    const answer = processPartialResponse(
      event,
      (message: SQSRecord) =>
        dependencies.runner.tasks.take(() => asOneHandling(() => handleMessage(message, dependencies, report))),
      new BatchProcessor(EventType.SQS, { logger }),
      { context: CONTEXT, processInParallel: true, throwOnFullBatchFailure: false },
    );
    return machine.removed === 'partial-batch-report' ? withoutReport(answer) : answer;
  };
}

function withSmallModel<Opened extends Omit<TaggingDependencies, 's3'>>(machine: Machine, opened: Opened): Opened {
  const { answerer, records, runner } = opened;
  if (answerer.kind !== 'small') throw new TypeError('expected the small model');
  const { chooseRoute, heavyModels } = answerer;
  return {
    ...opened,
    records: guarded(machine, records),
    answerer: createSmallAnswerer(
      MODEL_NAME,
      async () => smallModel(machine),
      { chooseRoute, heavyModels },
      runner.processor,
    ),
  };
}

/** The store, without the rule that is to be missing. */
export function guarded({ removed }: Machine, records: TaggingDependencies['records']): TaggingDependencies['records'] {
  if (removed === 'sequencer-rule') return withoutSequencerRule(records);
  return removed === 'last-look' ? withoutLastLook(records) : records;
}

/**
 * The function of the dead letters.
 * @param tag calls the tagging function, with one message
 */
export function openDeadLettersProcess(
  machine: Machine,
  tag: (event: SQSEvent) => Promise<unknown>,
): (event: SQSEvent) => Promise<void> {
  const opened = openDeadLetters(VARIABLES);
  const records =
    machine.removed === 'dead-letter-record' ? withoutRecord(opened.records) : guarded(machine, opened.records);
  const dependencies = { ...opened, records, runAlone: openTaggingFunction(lambdaOf(tag), 'tagging') };
  const report = createDeadLetterReport(logger, metrics);
  return async ({ Records }) => {
    for (const letter of Records) await handleDeadLetter(letter, dependencies, report);
  };
}

/** A client of Lambda that calls a function of this simulation. */
function lambdaOf(tag: (event: SQSEvent) => Promise<unknown>): LambdaClient {
  const send = async ({ input }: { readonly input: { readonly Payload: string } }) => {
    const life = lives.getStore();
    try {
      const answer = await lives.run(undefined, () => tag(JSON.parse(input.Payload)));
      return { Payload: Buffer.from(JSON.stringify(answer)) };
    } catch (error) {
      return { FunctionError: 'Unhandled', Payload: Buffer.from(JSON.stringify({ errorMessage: String(error) })) };
    } finally {
      if (life?.isOver) await forever();
    }
  };
  return { send } as unknown as LambdaClient;
}

/** The API's function. A thumbnail is the picture itself. */
export function openApiProcess(machine: Machine): (event: APIGatewayProxyEventV2) => Promise<unknown> {
  const opened = openApi(VARIABLES);
  const manifest = { ...validManifest(), name: MODEL_NAME };
  const model = { ...smallModel(machine), manifest };
  const dependencies = {
    ...opened,
    classifier: async () => model,
    smallManifest: async () => manifest,
    heavyManifest: async () => null,
    vocabularies: async () => [],
    makeThumbnail: async (bytes: Uint8Array) => bytes,
    ...(machine.removed === 'idempotency' ? { answerOnce: answerEach } : {}),
  };
  const handler = createApiHandler(ROUTES, dependencies as never, logger, metrics);
  return (event) => handler(event, CONTEXT);
}

/** The function of the backfill. */
export function openBackfillProcess(machine: Machine): (call: unknown) => Promise<unknown> {
  const dependencies = withSmallModel(machine, openBackfill(VARIABLES));
  const observer = { onRun() {}, onFailure() {}, onBatch() {} };
  return (call) => answerCall(parseCall(call), dependencies, observer, () => BACKFILL_MS);
}

const BACKFILL_MS = 900_000;
