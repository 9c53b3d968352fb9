import { type LazyHierarchy, readHierarchy } from '../../../classifier/concepts/read-hierarchy.ts';
import { type Manifest, WEIGHTS_FILE } from '../../../classifier/manifest.ts';
import type { OpenedModel } from '../inference/protocol.ts';
import type { LocatedPackage } from './locate-package.ts';

/** A model in memory. */
export interface ServedModel extends OpenedModel {
  readonly name: string;
  /** The concepts above its classes; null if its package has none. */
  readonly hierarchy: LazyHierarchy | null;
}

/** A model that stays in memory until it is given back. */
export interface ModelLease {
  readonly model: ServedModel;
  giveBack(): void;
}

export interface ShelfOptions {
  /** Limit for the weights of all models in memory together. A single model may be larger. */
  readonly memoryBytes: number;
  /** Returns a model's package, and downloads it first if that is necessary. */
  readonly locate: (name: string) => Promise<LocatedPackage>;
  readonly open: (name: string, packageDir: string) => Promise<OpenedModel>;
  readonly close: (name: string) => Promise<void>;
  readonly onOpened: (model: ServedModel, milliseconds: number) => void;
  /** Called when a model cannot be found, downloaded or opened. Its callers get the error, too. */
  readonly onNotOpened: (error: unknown) => void;
  readonly onClosed: (name: string) => void;
  /** Milliseconds on a clock that only goes forward. Replaced in tests. */
  readonly now?: () => number;
}

export interface ModelShelf {
  /**
   * Opens the model unless it is open. If it needs more room, the models that were unused for
   * longest are closed, as soon as nobody uses them.
   * @throws what kept it from being opened, at once if that was less than a minute ago
   */
  use(name: string): Promise<ModelLease>;
  /** Returns the models in memory. */
  models(): readonly ServedModel[];
}

/**
 * A model that could not be opened is not tried again sooner, in milliseconds. An attempt may
 * download its package, closes other models, and keeps the thread from serving them. A message is
 * tried again after 30 s at first, and after twice as long each further time.
 */
const RETRY_AFTER_MS = 60_000;

interface Failure {
  readonly error: unknown;
  readonly at: number;
}

interface Slot {
  readonly model: ServedModel;
  uses: number;
  lastUse: number;
  /**
   * Set once the model must be closed to make room. Callers that need it after that open it again.
   */
  onIdle: (() => void) | null;
}

/**
 * Keeps the requested models in memory, as many as fit. Models are opened and closed one at a time,
 * in the order of the requests.
 */
export function createModelShelf(options: ShelfOptions): ModelShelf {
  const { now = () => performance.now() } = options;
  const slots = new Map<string, Slot>();
  const failures = new Map<string, Failure>();
  let turn: Promise<unknown> = Promise.resolve();
  let uses = 0;

  function lease(slot: Slot): ModelLease {
    slot.uses += 1;
    slot.lastUse = uses++;
    let given = false;
    return {
      model: slot.model,
      giveBack() {
        if (given) return;
        given = true;
        slot.uses -= 1;
        if (slot.uses === 0) slot.onIdle?.();
      },
    };
  }

  function ready(name: string): Slot | undefined {
    const slot = slots.get(name);
    return slot?.onIdle === null ? slot : undefined;
  }

  function throwRecentFailure(name: string): void {
    const failure = failures.get(name);
    if (failure !== undefined && now() - failure.at < RETRY_AFTER_MS) throw failure.error;
  }

  async function openOnce(name: string): Promise<ModelLease> {
    const already = ready(name);
    if (already !== undefined) return lease(already);
    // It may have failed while this request waited for its turn.
    throwRecentFailure(name);
    try {
      const opened = await openModel(name);
      failures.delete(name);
      return opened;
    } catch (error) {
      failures.set(name, { error, at: now() });
      options.onNotOpened(error);
      throw error;
    }
  }

  async function openModel(name: string): Promise<ModelLease> {
    const located = await options.locate(name);
    await makeRoom(weightsOf(located.manifest));
    const start = performance.now();
    const opened = await options.open(name, located.packageDir);
    const hierarchy = await readHierarchy(opened.packageDir, opened.manifest).catch(async (error: unknown) => {
      await options.close(name);
      throw error;
    });
    const slot: Slot = { model: { name, ...opened, hierarchy }, uses: 0, lastUse: 0, onIdle: null };
    slots.set(name, slot);
    options.onOpened(slot.model, performance.now() - start);
    return lease(slot);
  }

  async function makeRoom(bytes: number): Promise<void> {
    const used = () => [...slots.values()].reduce((sum, { model }) => sum + weightsOf(model.manifest), 0);
    while (slots.size > 0 && used() + bytes > options.memoryBytes) {
      const [oldest] = [...slots.values()].sort((a, b) => a.lastUse - b.lastUse);
      if (oldest === undefined) return;
      await idle(oldest);
      await options.close(oldest.model.name);
      slots.delete(oldest.model.name);
      options.onClosed(oldest.model.name);
    }
  }

  return {
    models: () => [...slots.values()].map(({ model }) => model),
    async use(name) {
      const slot = ready(name);
      if (slot !== undefined) return lease(slot);
      throwRecentFailure(name);
      const opening = turn.then(() => openOnce(name));
      turn = opening.catch(() => {});
      return opening;
    },
  };
}

async function idle(slot: Slot): Promise<void> {
  await new Promise<void>((resolve) => {
    slot.onIdle = resolve;
    if (slot.uses === 0) resolve();
  });
}

function weightsOf({ files }: Manifest): number {
  return files[WEIGHTS_FILE].bytes;
}
