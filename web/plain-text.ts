import { options, type VNode } from 'preact';

/** Marks that turn the direction of a text: with them, `gnp.exe` looks like `exe.png`. */
const DIRECTION_MARKS = /[\u202a-\u202e\u2066-\u2069]/g;

/** Attributes that are shown or read out. */
const SHOWN_ATTRIBUTES = ['title', 'alt', 'aria-label'];

/** Leaves out the marks that turn the direction of a text. */
export function plainText(text: string): string {
  return text.replace(DIRECTION_MARKS, '');
}

/**
 * Makes every text of the page plain where it is drawn. Strangers write some of them: a model's
 * maker its labels, and an uploader the names of files. A mark in one of them would also turn the
 * sentence around it. What is sent, linked and copied keeps its marks.
 */
export function drawPlainText(): void {
  const others = options.vnode;
  options.vnode = (vnode) => {
    others?.(vnode);
    makePlain(vnode);
  };
}

/** A node of text has no type, and is its own text. */
function makePlain(vnode: { type: VNode['type'] | null; props: unknown }): void {
  const { type, props } = vnode;
  if (type === null && typeof props === 'string') vnode.props = plainText(props);
  if (typeof type !== 'string') return;
  const attributes = props as Record<string, unknown>;
  for (const name of SHOWN_ATTRIBUTES) {
    const value = attributes[name];
    if (typeof value === 'string') attributes[name] = plainText(value);
  }
}
