import type * as Wire from '../../functions/wire.ts';
import { conceptText } from '../format.ts';

interface ConceptLineProps {
  readonly concept: Wire.Concept | null;
  /** The best prediction. */
  readonly best: Wire.Prediction | undefined;
}

/** Says what the picture shows where the model wavers between labels. */
export function ConceptLine({ concept, best }: ConceptLineProps) {
  const text = conceptText(concept, best);
  return text === null ? null : <p class="soft">{text}</p>;
}
