/** Tells whether somebody looks at pictures that must not move now. */
export interface Reading {
  readonly isReading: () => boolean;
  /** The list of pictures, or null while there is none. */
  setList(list: Element | null): void;
  /** Whether a picture is open above the list. */
  setOpen(isOpen: boolean): void;
  /** Called when the pointer moves over the list. */
  pointerMoved(): void;
}

/** After this time without a movement nobody is about to click on a picture. */
const POINTER_RESTS_MS = 1_000;

export function createReading(now: () => number = () => performance.now()): Reading {
  let list: Element | null = null;
  let isOpen = false;
  let movedAt = Number.NEGATIVE_INFINITY;
  const isScrolled = () => list !== null && list.getBoundingClientRect().top < 0;
  return {
    isReading: () => isOpen || now() - movedAt < POINTER_RESTS_MS || isScrolled(),
    setList(element) {
      list = element;
    },
    setOpen(open) {
      isOpen = open;
    },
    pointerMoved() {
      movedAt = now();
    },
  };
}
