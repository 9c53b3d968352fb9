import type { Draws } from './draws.ts';
import type { Guard } from './guards.ts';
import { Life, lives } from './life.ts';
import type { MemoryQueues } from './memory-queues.ts';
import type { MemoryS3 } from './memory-s3.ts';
import type { MemoryTable } from './memory-table.ts';
import type { VirtualTime } from './virtual-time.ts';

/** The stages whose processes are killed. */
export type Stage = 'tagging' | 'dead-letters' | 'api' | 'backfill' | 'worker';

export interface MachineOptions {
  readonly time: VirtualTime;
  readonly draws: Draws;
  readonly queues: MemoryQueues;
  readonly s3: MemoryS3;
  readonly table: MemoryTable;
  /** The guard that is missing; null: none. */
  readonly removed: Guard | null;
  /** When faults and kills stop. Milliseconds. */
  readonly faultsEndAt: number;
}

/** What all simulated processes stand on. */
export class Machine {
  readonly time: VirtualTime;
  readonly draws: Draws;
  readonly queues: MemoryQueues;
  readonly s3: MemoryS3;
  readonly table: MemoryTable;
  readonly removed: Guard | null;
  /** How often something happened. */
  readonly counts = new Map<string, number>();
  /** What was seen to be wrong on the way. */
  readonly findings = new Set<string>();
  readonly faultsEndAt: number;
  readonly #held = new Map<string, Life>();
  readonly #repeated = new Set<string>();

  constructor({ time, draws, queues, s3, table, removed, faultsEndAt }: MachineOptions) {
    this.time = time;
    this.draws = draws;
    this.queues = queues;
    this.s3 = s3;
    this.table = table;
    this.removed = removed;
    this.faultsEndAt = faultsEndAt;
    queues.onReceive = (_queue, { id }, isRepeated) => this.#received(id, isRepeated);
    queues.onHandedBack = (id) => void this.#held.delete(id);
  }

  get areFaultsOn(): boolean {
    return this.time.elapsed < this.faultsEndAt;
  }

  /** @returns how often it happened before */
  count(what: string): number {
    const before = this.counts.get(what) ?? 0;
    this.counts.set(what, before + 1);
    return before;
  }

  /**
   * Starts a process. The clocks of some are wrong by days. Those of the API are not: an
   * Idempotency-Key lives for an hour, so that it needs clocks that agree.
   */
  start(stage: Stage): Life {
    const number = this.count(`started ${stage}`);
    const isWrong = stage !== 'api' && this.draws.share('skewed', stage, number) < SKEWED_SHARE;
    if (isWrong) this.count('clocks that jumped');
    const skewMs = isWrong ? this.draws.between(-MAX_SKEW_MS, MAX_SKEW_MS, 'skew', stage, number) : 0;
    return new Life(`${stage} ${number}`, Math.round(skewMs));
  }

  /** Kills a process within so many milliseconds, if its lot is drawn. */
  mayKill(life: Life, stage: Stage, share: number, withinMs: number): void {
    const number = this.count(`lots ${stage}`);
    if (!this.areFaultsOn || this.draws.share('killed', stage, number) >= share) return;
    lives.run(undefined, () =>
      this.time.after(this.draws.between(0, withinMs, 'killed after', stage, number), () => {
        if (!life.isOver) this.count(`killed ${stage}`);
        life.kill('killed');
      }),
    );
  }

  /** Notes that a process has a message while it works. No other may get it meanwhile. */
  async holding<Result>(life: Life, ids: readonly string[], work: () => Promise<Result>): Promise<Result> {
    for (const id of ids) this.#held.set(id, life);
    try {
      return await work();
    } finally {
      for (const id of ids) if (this.#held.get(id) === life) this.#held.delete(id);
    }
  }

  #received(id: string, isRepeated: boolean): void {
    const holder = this.#held.get(id);
    if (holder !== undefined && !holder.isOver && !this.#repeated.has(id)) {
      this.findings.add(`message ${id}: it was handed out a second time while ${holder.name} had it`);
    }
    if (!isRepeated) return;
    this.count('messages delivered twice');
    this.#repeated.add(id);
  }
}

const SKEWED_SHARE = 0.15;
const MAX_SKEW_MS = 2 * 86_400_000;
