import { environmentSchema, type Variables } from '../functions/environment.ts';

/** The page that lists all settings. The npm package does not have it. */
export const SETTINGS_PAGE = 'https://github.com/autoswiftnet/autoswiftnet/blob/main/docs/settings.md';

const PREFIX = 'AUTOSWIFTNET_';

/** Variables that no function reads, so the schema does not have them. */
const OTHERS = ['AUTOSWIFTNET_DEBUG', 'AUTOSWIFTNET_NO_SKIPS'];

/**
 * Makes a warning for each variable that begins like ours and is none of ours, which is most often
 * a slip. It names the settings with the most similar names.
 */
export async function unknownVariables(variables: Variables): Promise<string[]> {
  const known = [...Object.keys(environmentSchema.shape), ...OTHERS];
  const unknown = Object.keys(variables).filter((name) => name.startsWith(PREFIX) && !known.includes(name));
  if (unknown.length === 0) return [];
  const { distance } = await import('fastest-levenshtein');
  return unknown.sort().map((name) => {
    const distances = known.map((each) => distance(name, each));
    const least = Math.min(...distances);
    const nearest = known.filter((_, index) => distances[index] === least);
    const advice =
      least <= slipsAllowed(name) ? `Did you mean ${nearest.join(' or ')}?` : `All settings: ${SETTINGS_PAGE}`;
    return `there is no setting ${name}, so it has no effect. ${advice}`;
  });
}

/** A third of the letters; with more differences it is another word. */
function slipsAllowed(name: string): number {
  return Math.ceil((name.length - PREFIX.length) / 3);
}
