import type { Manifest } from '../../classifier/manifest.ts';
import { DEFAULT_SMALL_MODEL } from '../environment.ts';
import type * as Wire from '../wire.ts';

/** The default model is made from a released one by quantizing it. */
const FETCH_DEFAULT_MODEL = `npx autoswiftnet models fetch ${DEFAULT_SMALL_MODEL.replace('.int8', ' --precision int8')}`;

/** Says what a model knows, if that is less than photographs of all its labels; else null. */
export function describeKnowledge({ knows }: Pick<Manifest, 'knows'>): Wire.Knowledge | null {
  if (knows === undefined) return null;
  const { pictures, things } = knows;
  return {
    pictures,
    things,
    note: `This model knows ${things} drawn things, and no photographs: what it says about a photograph means nothing. Get another model with this command, then start or deploy again.`,
    command: FETCH_DEFAULT_MODEL,
  };
}
