import * as z from 'zod';

/** A message from the host to an instance: one event. */
export interface Invocation {
  readonly id: string;
  readonly event: unknown;
  readonly functionName: string;
  readonly functionArn: string;
  /** Time by which the handler must have answered, in milliseconds since 1970. */
  readonly deadlineMs: number;
}

export type InstanceMessage = z.output<typeof instanceMessageSchema>;

const fault = { name: z.string(), message: z.string() };

/** A message from an instance to its host. */
export const instanceMessageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  /** The module of the handler cannot be loaded; the process exits. */
  z.object({ kind: z.literal('broken'), ...fault }),
  /** JSON leaves out the result of a handler that returned nothing. */
  z.object({ kind: z.literal('result'), id: z.string(), result: z.unknown().optional() }),
  z.object({ kind: z.literal('error'), id: z.string(), ...fault }),
]);
