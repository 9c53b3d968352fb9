import { readFileSync } from 'node:fs';

/**
 * The instructions that decide how fast int8 is, the fastest first: VNNI multiplies and adds bytes
 * in one step, AMX does so for whole tiles.
 */
const INSTRUCTIONS = ['amx_int8', 'avx512_vnni', 'avx_vnni', 'avx2', 'avx'] as const;

/**
 * Reads which of them this machine's processor has, the fastest first. Linux on x86 names them;
 * elsewhere the list is empty.
 */
export function vectorInstructions(): string[] {
  const flags = /^flags\s*:(.*)$/m.exec(cpuinfo())?.[1]?.split(' ') ?? [];
  return INSTRUCTIONS.filter((name) => flags.includes(name));
}

function cpuinfo(): string {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return '';
  }
}
