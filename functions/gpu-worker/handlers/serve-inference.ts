import { INPUT_ELEMENTS } from '../../../classifier/self-test.ts';
import type { Batcher } from '../inference/batcher.ts';
import type { ModelLease, ModelShelf, ServedModel } from '../models/model-shelf.ts';
import type { HandlerMessage, SentModel, WorkerMessage } from './messages.ts';
import { toWireError } from './wire-error.ts';

export interface Inference {
  readonly shelf: Pick<ModelShelf, 'use'>;
  readonly batcher: Batcher;
}

/** What one handler process asks of the worker's inference. */
export interface InferenceServer {
  receive(message: Extract<HandlerMessage, { kind: 'use' | 'give-back' | 'run' }>): void;
  /** The handler is gone: gives back all its models, and sends nothing more. */
  close(): void;
}

/** Tells the openings of models apart, in all handlers alike. */
const openings = new WeakMap<ServedModel, number>();
let opened = 0;

export function serveInference({ shelf, batcher }: Inference, send: (message: WorkerMessage) => void): InferenceServer {
  const leases = new Map<number, ModelLease>();
  /** The opening of each model that the handler knows. */
  const known = new Map<string, number>();
  let leased = 0;
  let closed = false;

  async function lease(id: number, name: string): Promise<void> {
    const taken = await shelf.use(name);
    if (closed) {
      taken.giveBack();
      return;
    }
    const number = leased++;
    leases.set(number, taken);
    send({ kind: 'lease', id, lease: number, model: sent(taken.model) });
  }

  function sent(model: ServedModel): SentModel {
    const { hierarchy: _, ...rest } = model;
    const opening = openings.get(model) ?? opened++;
    openings.set(model, opening);
    const isKnown = known.get(model.name) === opening;
    known.set(model.name, opening);
    return { name: model.name, opening, opened: isKnown ? null : rest };
  }

  async function run({ id, model, pixels, wantsFeatures }: Extract<HandlerMessage, { kind: 'run' }>): Promise<void> {
    if (pixels.length !== INPUT_ELEMENTS) {
      throw new RangeError(`expected an image of ${INPUT_ELEMENTS} bytes, received ${pixels.length}`);
    }
    const result = await batcher.submit(model, pixels, wantsFeatures);
    if (!closed) send({ kind: 'ran', id, result });
  }

  function answer(id: number, answering: Promise<void>): void {
    answering.catch((error: unknown) => {
      if (!closed) send({ kind: 'fault', id, error: toWireError(error) });
    });
  }

  return {
    receive(message) {
      switch (message.kind) {
        case 'use':
          return answer(message.id, lease(message.id, message.model));
        case 'run':
          return answer(message.id, run(message));
        case 'give-back':
          leases.get(message.lease)?.giveBack();
          leases.delete(message.lease);
      }
    },
    close() {
      closed = true;
      for (const { giveBack } of leases.values()) giveBack();
      leases.clear();
    },
  };
}
