import type * as Wire from '../../functions/wire.ts';

/** What a model of drawings knows. */
export type DrawingKnowledge = Wire.Knowledge;

/** Models that know drawings only, by their names. */
export type DrawingModels = ReadonlyMap<string, DrawingKnowledge>;

/** Comes before the label that a model of drawings gives a picture of the user. */
export const IF_DRAWN = 'If it is a drawing:';

/** @param models null if they are not known yet, and then none is returned */
export function drawingModels(models: readonly Wire.Model[] | null): DrawingModels {
  return new Map((models ?? []).flatMap(({ name, knows }) => (knows === null ? [] : [[name, knows] as const])));
}
