import { setTimeout as delay } from 'node:timers/promises';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { MessageFate } from '../../../functions/gpu-worker/handle-message.ts';
import {
  type HeavyReceiver,
  type HeldMessage,
  openHeavyReceiver,
} from '../../../functions/gpu-worker/heavy-receiver.ts';
import { type Pipeline, startPipeline } from '../../../functions/gpu-worker/pipeline.ts';
import { type Messaging, startMessaging } from '../../../local/messaging.ts';
import { HEAVY_QUEUE } from '../../../local/names.ts';
import { eventually } from '../../integration/uploads.ts';

let messaging: Messaging;
let queue: HeavyReceiver;
/** Until a failed message is tried again. */
const AGAIN_IN_SECONDS = 900;

const pipelines: Pipeline[] = [];
const faults: unknown[] = [];

beforeEach(async () => {
  messaging = await startMessaging();
  queue = openHeavyReceiver(messaging.sqs, messaging.queueUrls[HEAVY_QUEUE] ?? '');
  faults.length = 0;
});

afterEach(async () => {
  await Promise.all(pipelines.splice(0).map((pipeline) => pipeline.drain(0)));
  await messaging.close();
});

async function send(...bodies: string[]): Promise<void> {
  for (const MessageBody of bodies) {
    await messaging.sqs.send(new SendMessageCommand({ QueueUrl: messaging.queueUrls[HEAVY_QUEUE], MessageBody }));
  }
}

function start(
  handle: (message: HeldMessage) => Promise<MessageFate>,
  { capacity = 20, visibilitySeconds = 60, through = queue } = {},
): Pipeline {
  const report = { onReceived: () => {}, onFault: (_what: string, error: unknown) => void faults.push(error) };
  const pipeline = startPipeline({ queue: through, handle, capacity, visibilitySeconds, waitSeconds: 1, report });
  pipelines.push(pipeline);
  return pipeline;
}

/** What another worker would get now. */
async function visible(): Promise<string[]> {
  const messages = await queue.receive(
    { most: 10, visibilitySeconds: 60, waitSeconds: 0 },
    new AbortController().signal,
  );
  return messages.map(({ body }) => body).sort();
}

test('a message that is done is deleted, and only then', async () => {
  await send('a', 'b');
  const handled: string[] = [];
  const pipeline = start(async ({ body }) => {
    handled.push(body);
    await delay(50);
    return { kind: 'done' };
  });
  await eventually(
    async () => pipeline.held(),
    (held) => held === 0 && handled.length === 2,
  );
  await pipeline.drain(0);
  await queue.hide([], 0);

  expect(handled.sort()).toEqual(['a', 'b']);
  expect(await visible()).toEqual([]);
  expect(faults).toEqual([]);
});

test('a failed message is delivered again after its wait, with its count', async () => {
  await send('a');
  const counts: number[] = [];
  start(async ({ receiveCount }) => {
    counts.push(receiveCount);
    return receiveCount < 3 ? { kind: 'failed', againInSeconds: 0 } : { kind: 'done' };
  });

  expect(
    await eventually(
      async () => [...counts],
      ({ length }) => length === 3,
    ),
  ).toEqual([1, 2, 3]);
});

test('no more messages are held than may be', async () => {
  await send(...Array.from({ length: 12 }, (_, index) => String(index)));
  let [now, most, done] = [0, 0, 0];
  start(
    async () => {
      now += 1;
      most = Math.max(most, now);
      await delay(20);
      now -= 1;
      done += 1;
      return { kind: 'done' };
    },
    { capacity: 3 },
  );
  await eventually(
    async () => done,
    (count) => count === 12,
  );

  expect([done, most]).toEqual([12, 3]);
});

test('a message that takes longer than its visibility timeout stays hidden the whole time', async () => {
  await send('long');
  let handled = 0;
  start(
    async () => {
      handled += 1;
      await delay(2_500);
      return { kind: 'done' };
    },
    { visibilitySeconds: 1 },
  );
  await delay(2_200);

  expect(handled).toBe(1);
  expect(await visible()).toEqual([]);
});

test('a message that goes back keeps its last timeout, whatever the heartbeat does meanwhile', async () => {
  await send('failing');
  const hidden: { readonly bodies: string[]; readonly seconds: number }[] = [];
  let handBack = () => {};
  let beats = 0;
  const through: HeavyReceiver = {
    ...queue,
    async hide(messages, seconds) {
      hidden.push({ bodies: messages.map(({ body }) => body), seconds });
      if (seconds === AGAIN_IN_SECONDS) await new Promise<void>((resolve) => (handBack = resolve));
      else if (hidden.some((call) => call.seconds === AGAIN_IN_SECONDS)) beats += 1;
    },
  };
  const pipeline = start(async () => ({ kind: 'failed', againInSeconds: AGAIN_IN_SECONDS }), {
    through,
    visibilitySeconds: 1,
  });
  await eventually(
    async () => beats,
    (count) => count >= 2,
  );
  const held = pipeline.held();
  const drained = pipeline.drain(0);
  handBack();
  await drained;

  expect(held).toBe(1);
  expect(hidden.filter(({ bodies }) => bodies.length > 0)).toEqual([
    { bodies: ['failing'], seconds: AGAIN_IN_SECONDS },
  ]);
});

test('when stopped it finishes what it can within the time, and then hands back the rest at once', async () => {
  await send('quick', 'slow');
  const begun: string[] = [];
  const pipeline = start(async ({ body }) => {
    begun.push(body);
    await delay(body === 'quick' ? 100 : 600_000, undefined, { ref: false });
    return { kind: 'done' };
  });
  await eventually(
    async () => begun.length,
    (count) => count === 2,
  );
  await pipeline.drain(2_000);

  expect(await visible()).toEqual(['slow']);
});

test('when stopped it hands back at once the messages that a receive request still brings', async () => {
  const handled: string[] = [];
  const pipeline = start(async ({ body }) => {
    handled.push(body);
    return { kind: 'done' };
  });
  await delay(50);
  const drained = pipeline.drain(3_000);
  await send('late');
  await drained;

  expect([handled, await visible()]).toEqual([[], ['late']]);
});

test('a message that a broken worker releases goes back once its receive requests are over, and comes to no other of them', async () => {
  await send('a', 'b');
  const counts: number[] = [];
  const pipeline = start(async ({ receiveCount }) => {
    counts.push(receiveCount);
    return { kind: 'released' };
  });
  const left = await eventually(
    async () => pipeline.held(),
    (held) => held === 0 && counts.length === 2,
  );

  expect([left, counts, await visible()]).toEqual([0, [1, 1], ['a', 'b']]);
});

test('told to end, it receives no more', async () => {
  const handled: string[] = [];
  const pipeline = start(async ({ body }) => {
    handled.push(body);
    return { kind: 'done' };
  });
  await delay(50);
  await pipeline.drain(3_000);
  await send('late');
  await delay(100);

  expect([handled, await visible()]).toEqual([[], ['late']]);
});

test('a queue that cannot be reached is told of, and asked again', async () => {
  let asked = 0;
  const failing: HeavyReceiver = {
    ...queue,
    receive: async (...parameters) => {
      asked += 1;
      if (asked <= 2) throw new Error('no queue');
      return queue.receive(...parameters);
    },
  };
  const handled: string[] = [];
  start(
    async ({ body }) => {
      handled.push(body);
      return { kind: 'done' };
    },
    { through: failing },
  );
  await send('a');
  await eventually(
    async () => handled.length,
    (count) => count === 1,
  );

  expect(handled).toEqual(['a']);
  expect(faults).toEqual([new Error('no queue'), new Error('no queue')]);
});
