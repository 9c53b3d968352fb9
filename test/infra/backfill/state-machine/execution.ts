import * as z from 'zod';
import { definitionSchema } from './definition-schema.ts';
import { type Context, evaluate } from './evaluate.ts';
import { MapRun } from './map-run.ts';
import { type Entered, runStates } from './run-states.ts';
import type { StateServices } from './services.ts';
import { type Ended, toEnd } from './state-error.ts';

/** An execution of a state machine. */
export interface Execution {
  /** Runs it. After that it runs again what did not succeed, as RedriveExecution does. */
  run(services: StateServices): Promise<Ended>;
  /** The batches, in their order, once they are known. */
  readonly batches: readonly { readonly items: number; readonly ended: Ended | null }[];
}

/**
 * Makes an execution that does what the definition says, and refuses what it does not understand. It
 * stands in for Step Functions' Distributed Map, which nothing else runs offline.
 * @param definition in the Amazon States Language
 */
export function createExecution(definition: unknown, name: string, input: unknown): Execution {
  const { StartAt, States } = definitionSchema.parse(z.json().parse(definition));
  let redrives = -1;
  let last: Entered = { name: StartAt, input };
  let mapRun: MapRun | null = null;
  return {
    get batches() {
      return mapRun?.batches ?? [];
    },
    run(services) {
      redrives += 1;
      const context: Context = { Execution: { Name: name, Input: input, RedriveCount: redrives } };
      return toEnd(() =>
        runStates(last, {
          states: States,
          context,
          services,
          onEntered: (entered) => {
            last = entered;
          },
          runLast: (state, given) => {
            if (state.Type === 'Succeed') return evaluate(state.Output, { input: given, context });
            mapRun ??= new MapRun(state);
            return mapRun.run(given, context, services);
          },
        }),
      );
    },
  };
}
