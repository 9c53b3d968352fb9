import * as z from 'zod';

/** What the host tells an instance: one event. */
export interface Invocation {
  readonly id: string;
  readonly event: unknown;
  readonly functionName: string;
  readonly functionArn: string;
  /** Milliseconds since 1970 by which the handler must have answered. */
  readonly deadlineMs: number;
}

export type InstanceMessage = z.output<typeof instanceMessageSchema>;

const fault = { name: z.string(), message: z.string() };

/** What an instance tells its host. */
export const instanceMessageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  /** The handler's module cannot be loaded; the process ends. */
  z.object({ kind: z.literal('broken'), ...fault }),
  z.object({ kind: z.literal('result'), id: z.string(), result: z.unknown() }),
  z.object({ kind: z.literal('error'), id: z.string(), ...fault }),
]);
