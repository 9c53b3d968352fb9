import type { ByteWindow } from './byte-window.ts';
import { type PickleEnvironment, PickleMachine } from './pickle-machine.ts';
import { OPCODES, REFUSED_OPCODES } from './pickle-opcodes.ts';
import type { PickleValue } from './pickle-values.ts';

const STOP = 0x2e;

/**
 * Reads one pickle (protocols 2 to 5) from `source`, which stands behind its last byte afterwards.
 *
 * It is an interpreter of the opcodes listed in pickle-opcodes.ts and cannot execute anything: a
 * global is looked up in `environment.globals`, whose constructors are ours. It does not recurse,
 * so nesting has no cost; steps and text are bounded.
 *
 * Throws UnsafeCheckpointError for what is not on the lists, DamagedCheckpointError for what is no
 * pickle or ends early, UnsupportedCheckpointError for other protocols.
 */
export function readPickle(source: ByteWindow, environment: PickleEnvironment): PickleValue {
  const machine = new PickleMachine(source, environment);
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
