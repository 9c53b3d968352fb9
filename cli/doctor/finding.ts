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
  /** It could not be looked at, so nobody knows whether it works. */
  readonly isUntried?: true;
}

/** Not looked at. */
export interface Skipped {
  readonly state: 'skipped';
  readonly because: string;
  /** It should have been looked at. Absent: there was no need, or nobody asked for it. */
  readonly isUntried?: true;
}

/** A finding, and the name of the check that made it. */
export type Line = Finding & { readonly check: string };

type Told = Omit<Trouble, 'state' | 'isUntried'>;

export function sound(found: string): Sound {
  return { state: 'sound', found };
}

export function warning(told: Told): Trouble {
  return { state: 'warning', ...told };
}

export function fault(told: Told): Trouble {
  return { state: 'fault', ...told };
}

/** For what needs no look. */
export function skipped(because: string): Skipped {
  return { state: 'skipped', because };
}

/** For what should be looked at, and cannot be. */
export function untried(because: string): Skipped {
  return { state: 'skipped', because, isUntried: true };
}

/** For what the role in use may not look at. */
export function denied(told: Told): Trouble {
  return { state: 'warning', ...told, isUntried: true };
}
