import type { ByteWindow } from './byte-window.ts';
import { CheckpointError } from './errors.ts';
import { type PickleEnvironment, PickleMachine } from './pickle-machine.ts';
import { OPCODES, REFUSED_OPCODES } from './pickle-opcodes.ts';
import type { PickleValue } from './pickle-values.ts';

const STOP = 0x2e;

/**
 * Reads one pickle (protocols 2 to 5) from `source`. Afterwards `source` is just behind the pickle.
 *
 * A pickle is interpreted, never run: the only opcodes are those in pickle-opcodes.ts, and a name
 * is looked up in `environment.globals`, whose constructors are ours. Reading is not recursive, so
 * deep nesting costs nothing, and the number of steps and the length of text are limited.
 *
 * Reading goes on after a name that is not on the list, so that one error can name all of them.
 *
 * @throws {UnsafeCheckpointError} for an opcode or names that are not on the lists
 * @throws {DamagedCheckpointError} for bytes that are not a pickle or end early
 * @throws {UnsupportedCheckpointError} for other protocols
 */
export function readPickle(source: ByteWindow, environment: PickleEnvironment): PickleValue {
  const machine = new PickleMachine(source, environment);
  try {
    const value = interpret(source, machine);
    const refusal = machine.refusal();
    if (refusal !== undefined) throw refusal;
    return value;
  } catch (error) {
    // After a name that is not on the list nothing else matters.
    throw error instanceof CheckpointError ? (machine.refusal() ?? error) : error;
  }
}

function interpret(source: ByteWindow, machine: PickleMachine): PickleValue {
  machine.readProtocol();
  for (;;) {
    machine.spend(1);
    const code = source.byte();
    if (code === STOP) return machine.result();
    const opcode = OPCODES.get(code);
    if (opcode === undefined) throw unknownOpcode(machine, code);
    opcode(machine);
  }
}

function unknownOpcode(machine: PickleMachine, code: number): Error {
  const name = REFUSED_OPCODES.get(code);
  return name === undefined
    ? machine.damaged(`contains the unknown opcode 0x${code.toString(16)}`)
    : machine.unsafe(`uses the opcode ${name}, which is not on the list of allowed opcodes`);
}
