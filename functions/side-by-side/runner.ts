import { availableParallelism } from 'node:os';
import { createMemory, type Memory } from './memory.ts';
import { createTurns, type Turns } from './turns.ts';

/**
 * Handles tasks side by side: while one computes, others wait for the network. What a task is,
 * a message of a queue or a key of a list, is the caller's matter.
 */
export interface Runner {
  /** Starts a task when fewer than the most at once are under way. */
  readonly tasks: Turns;
  /** A task takes a turn to compute. */
  readonly processor: Turns;
  /** A task that keeps the bytes of an image holds as many. */
  readonly memory: Memory;
}

/**
 * Bytes of images that are held at the same time. The largest picture that is permitted by default
 * has 50 MB, so it needs hardly more memory than alone.
 */
export const MAX_HELD_BYTES = 64_000_000;

/**
 * Tasks that are under way at the same time. Each writes at most five label rows at once, which
 * uses the 50 connections that the AWS SDK opens to a service.
 */
export const MAX_TASKS_AT_ONCE = 10;

/** @param processors how many tasks may compute at the same time. Default: one for each vCPU. */
export function createRunner(processors: number = availableParallelism()): Runner {
  return {
    tasks: createTurns(MAX_TASKS_AT_ONCE),
    processor: createTurns(processors),
    memory: createMemory(MAX_HELD_BYTES),
  };
}
