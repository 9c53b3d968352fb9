import type { ComponentChildren } from 'preact';
import type * as Wire from '../../functions/wire.ts';
import { CopyButton } from './copy-button.tsx';

interface ModelNoteProps {
  readonly knows: Wire.Knowledge;
  readonly children?: ComponentChildren;
}

/** Says what a model knows that knows no photographs, and which command gets another one. */
export function ModelNote({ knows: { note, command }, children }: ModelNoteProps) {
  return (
    <aside class="knows" aria-label="What this model knows">
      <p>{note}</p>
      <p class="command">
        <code>{command}</code>
        <CopyButton name="Copy command" text={command} />
      </p>
      {children}
    </aside>
  );
}
