import type { DrawingKnowledge } from '../api/drawing-models.ts';

interface DoubtProps {
  /** Name of the model. */
  readonly model: string;
  readonly knows: DrawingKnowledge;
}

/** Warns that an answer means nothing if the picture is a photograph. */
export function Doubt({ model, knows: { things } }: DoubtProps) {
  return (
    <p class="doubt">
      The model “{model}” knows {things} drawn things only. If this is a photograph, the answer means nothing.
    </p>
  );
}
