import { holds, type WriteCondition } from '../../../functions/records/condition.ts';
import type { LabelRow } from '../../../functions/records/labels.ts';
import { comparePositions } from '../../../functions/records/position.ts';
import { type Entry, isTombstone } from '../../../functions/records/record.ts';
import type { RecordStore, StoredImage } from '../../../functions/records/store.ts';
import { together } from '../../../functions/side-by-side/together.ts';

/** Lets a service's operation happen when its turn has come, and returns its result. */
export type Step = <Result>(label: string, act: () => Result) => Promise<Result>;

/**
 * What the table holds of one image. store.test.ts shows that the table takes the same decisions.
 */
export class MemoryRecords {
  entry: Entry | null = null;
  rows: LabelRow[] = [];

  /** A store of this one image whose every request to the table is one step. */
  connect(step: Step): RecordStore {
    const read = () => step('read', (): StoredImage => ({ entry: this.entry, rows: this.rows }));
    return {
      read,
      readRecord: async () => {
        const { entry } = await read();
        return entry === null || isTombstone(entry) ? null : entry;
      },
      write: (entry, condition) => step('write', () => this.#write(entry, condition)),
      changeRows: async (position, { put, remove }) => {
        const mayReplace = (rank: number) => {
          const stored = this.rows.find((row) => row.rank === rank);
          return stored === undefined || comparePositions(stored, position) <= 0;
        };
        const puts = put.map((row) =>
          step(`put row ${row.rank}`, () => {
            if (mayReplace(row.rank)) this.rows = [...this.rows.filter(({ rank }) => rank !== row.rank), row];
          }),
        );
        const removals = remove.map((row) =>
          step(`remove row ${row.rank}`, () => {
            if (mayReplace(row.rank)) this.rows = this.rows.filter(({ rank }) => rank !== row.rank);
          }),
        );
        await together(...puts, ...removals);
      },
    };
  }

  #write(entry: Entry, condition: WriteCondition): boolean {
    const met = holds(condition, this.entry);
    if (met) this.entry = entry;
    return met;
  }
}
