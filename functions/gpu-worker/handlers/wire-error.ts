import { AutoSwiftNetError } from '../../../classifier/errors.ts';
import { messageOf } from '../../../classifier/message-of.ts';
import { BrokenEngineError, MachineError } from '../errors.ts';

/** An error in the form in which it is sent between processes, where it would lose its class. */
export interface WireError {
  readonly name: string;
  readonly message: string;
  /** Null for an error that is not an AutoSwiftNetError. */
  readonly facts: { readonly code: string; readonly status: number } | null;
}

/** An error of the worker's process, in a handler process. It has the code of the original. */
class RelayedError extends AutoSwiftNetError {
  constructor(name: string, message: string, facts: { readonly code: string; readonly status: number }) {
    super(message, facts);
    this.name = name;
  }
}

/** The errors of a broken worker, by code. */
const BROKEN = new Map([BrokenEngineError, MachineError].map((Broken) => [new Broken('').code, Broken]));

export function toWireError(error: unknown): WireError {
  const facts = error instanceof AutoSwiftNetError ? { code: error.code, status: error.status } : null;
  return { name: error instanceof Error ? error.name : 'Error', message: messageOf(error), facts };
}

/**
 * Returns an error with the same name, message and code. Only a {@link BrokenWorkerError} gets its
 * class back, because what happens to a message depends on that one alone.
 */
export function fromWireError({ name, message, facts }: WireError): Error {
  const Broken = BROKEN.get(facts?.code ?? '');
  if (Broken !== undefined) return new Broken(message);
  if (facts !== null) return new RelayedError(name, message, facts);
  const error = new Error(message);
  error.name = name;
  return error;
}
