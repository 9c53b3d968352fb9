import { CONSTRUCTS, type ConstructName, propsOf } from '../../docs/blocks/construct-tables.ts';
import { BACKFILL_SETTINGS } from '../../infra/backfill/settings.ts';
import { type Configuration, configurationSchema } from '../../infra/configuration/configuration.ts';
import { CORE_SETTINGS } from '../../infra/core/settings.ts';
import { HEAVY_SETTINGS } from '../../infra/heavy-models/settings.ts';
import { API_SETTINGS } from '../../infra/http-api/settings.ts';
import { MONITORING_SETTINGS } from '../../infra/monitoring/settings.ts';

const NAMES = Object.keys(CONSTRUCTS) as ConstructName[];

/** The settings that each construct reads with the limits of the configuration. */
const SETTINGS: readonly (readonly [ConstructName, readonly (keyof Configuration)[]])[] = [
  ['AutoSwiftNet', CORE_SETTINGS],
  ['HttpApi', API_SETTINGS],
  ['Backfill', BACKFILL_SETTINGS],
  ['HeavyModels', HEAVY_SETTINGS],
  ['Monitoring', MONITORING_SETTINGS],
  ['Page', ['loginOrigins']],
];

test.each(SETTINGS)('%s has a prop for each of its settings', (name, settings) => {
  const names = propsOf(name).map((prop) => prop.name);

  expect(settings.filter((setting) => !names.includes(setting))).toEqual([]);
});

test.each(SETTINGS)('the defaults in the docstrings of %s are those of the configuration', (name, settings) => {
  const defaults = configurationSchema.parse({});
  const described = propsOf(name).filter((prop) => settings.includes(prop.name as keyof Configuration));

  const wrong = described.filter((prop) => {
    const value = defaults[prop.name as keyof Configuration];
    const isSimple = ['string', 'number', 'boolean'].includes(typeof value);
    const expected = Array.isArray(value) ? value.join(', ') : String(value);
    return isSimple || Array.isArray(value) ? prop.defaultText !== expected : prop.defaultText === null;
  });

  expect(described.length).toBe(settings.length);
  expect(wrong).toEqual([]);
});

test('each prop is required, or says what it is by default', () => {
  const props = NAMES.flatMap(propsOf);

  expect(props.length).toBeGreaterThan(50);
  expect(props.filter(({ isOptional, defaultText }) => isOptional !== (defaultText !== null))).toEqual([]);
});
