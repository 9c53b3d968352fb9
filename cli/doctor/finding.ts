/** The result of one thing that was looked at. */
export type Finding = Sound | Trouble | Skipped;

export interface Sound {
  readonly state: 'sound';
  readonly found: string;
}

/** `warning`: it works, or could not be looked at. `fault`: it does not work. */
export interface Trouble {
  readonly state: 'warning' | 'fault';
  readonly expected: string;
  readonly found: string;
  /** What to do, with the exact command. */
  readonly cure: string;
}

/** Not looked at. */
export interface Skipped {
  readonly state: 'skipped';
  readonly because: string;
}

/** A finding, and the name of the check that made it. */
export type Line = Finding & { readonly check: string };

type Told = Omit<Trouble, 'state'>;

export function sound(found: string): Sound {
  return { state: 'sound', found };
}

export function warning(told: Told): Trouble {
  return { state: 'warning', ...told };
}

export function fault(told: Told): Trouble {
  return { state: 'fault', ...told };
}

export function skipped(because: string): Skipped {
  return { state: 'skipped', because };
}
