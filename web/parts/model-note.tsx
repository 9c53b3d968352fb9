import type { ComponentChildren } from 'preact';
import type * as Wire from '../../functions/wire.ts';
import { CopyButton } from './copy-button.tsx';

interface ModelNoteProps {
  readonly knows: Wire.Knowledge;
  /** Whether one line has to do, because there are results to look at. The rest is behind it. */
  readonly isSmall: boolean;
  readonly children?: ComponentChildren;
}

/** Says what a model knows that knows no photographs, and which command gets another one. */
export function ModelNote({ knows: { things, note, command }, isSmall, children }: ModelNoteProps) {
  const whole = (
    <div class="knows-whole">
      {children}
      <p>{note}</p>
      <p class="command">
        <code>{command}</code>
        <CopyButton name="Copy command" text={command} />
      </p>
    </div>
  );
  return (
    <aside class={isSmall ? 'knows knows-small' : 'knows'} aria-label="What this model knows">
      {isSmall ? (
        <details>
          <summary>This model knows {things} drawn things, and no photographs.</summary>
          {whole}
        </details>
      ) : (
        whole
      )}
    </aside>
  );
}
