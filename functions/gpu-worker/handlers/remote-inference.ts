import { readHierarchy } from '../../../classifier/concepts/read-hierarchy.ts';
import { openOnce } from '../../tagging/open-once.ts';
import type { Batcher, ImageResult } from '../inference/batcher.ts';
import type { ModelLease, ModelShelf, ServedModel } from '../models/model-shelf.ts';
import type { HandlerMessage, SentModel, WorkerMessage } from './messages.ts';
import { fromWireError } from './wire-error.ts';

/** The worker's inference, as one of its handler processes uses it. */
export interface RemoteInference {
  readonly shelf: Pick<ModelShelf, 'use'>;
  readonly batcher: Batcher;
  /** Takes what the worker answers. */
  receive(message: Exclude<WorkerMessage, { kind: 'stop' }>): void;
}

type Answer = Exclude<WorkerMessage, { kind: 'stop' | 'fault' }>;
type Ask = Extract<HandlerMessage, { id: number }>;

/** @param send sends to the worker's process; the order of messages is kept */
export function createRemoteInference(send: (message: HandlerMessage) => void): RemoteInference {
  const waiting = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>();
  const models = new Map<string, { readonly opening: number; readonly read: () => Promise<ServedModel> }>();
  let asked = 0;

  function ask(request: DistributiveOmit<Ask, 'id'>): Promise<Answer> {
    const id = asked++;
    return new Promise<Answer>((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      send({ ...request, id });
    });
  }

  function modelOf({ name, opening, opened }: SentModel): Promise<ServedModel> {
    if (opened !== null) models.set(name, { opening, read: openOnce(() => withHierarchy(opened)) });
    const found = models.get(name);
    if (found?.opening !== opening) throw new TypeError(`the worker did not send opening ${opening} of model ${name}`);
    return found.read();
  }

  return {
    shelf: {
      async use(name): Promise<ModelLease> {
        const answer = await ask({ kind: 'use', model: name });
        if (answer.kind !== 'lease') throw unexpected(answer);
        const { lease } = answer;
        let given = false;
        const giveBack = () => {
          if (!given) send({ kind: 'give-back', lease });
          given = true;
        };
        try {
          return { model: await modelOf(answer.model), giveBack };
        } catch (error) {
          giveBack();
          throw error;
        }
      },
    },

    batcher: {
      async submit(model, pixels, wantsFeatures): Promise<ImageResult> {
        const answer = await ask({ kind: 'run', model, pixels, wantsFeatures });
        if (answer.kind !== 'ran') throw unexpected(answer);
        return answer.result;
      },
    },

    receive(message) {
      const asker = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.kind === 'fault') asker?.reject(fromWireError(message.error));
      else asker?.resolve(message);
    },
  };
}

async function withHierarchy(opened: Omit<ServedModel, 'hierarchy'>): Promise<ServedModel> {
  return { ...opened, hierarchy: await readHierarchy(opened.packageDir, opened.manifest) };
}

type DistributiveOmit<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never;

function unexpected({ kind }: Answer): Error {
  return new TypeError(`the worker sent an unexpected answer: ${kind}`);
}
