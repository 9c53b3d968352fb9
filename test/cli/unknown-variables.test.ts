import { existsSync, readFileSync } from 'node:fs';
import { SETTINGS_PAGE, unknownVariables } from '../../cli/unknown-variables.ts';

test('settings, and variables of other programs, are fine', async () => {
  const known = {
    AUTOSWIFTNET_MODEL: 'a',
    AUTOSWIFTNET_DEBUG: '1',
    AUTOSWIFTNET_TABLE: 't',
    PATH: '/',
    autoswiftnet: '',
  };

  expect(await unknownVariables(known)).toEqual([]);
});

test('the page of settings is one of this repository, by its address on the web', () => {
  const { homepage } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const [repository, path = ''] = SETTINGS_PAGE.split('/blob/main/');

  expect(homepage).toBe(`${repository}#readme`);
  expect(existsSync(new URL(`../../${path}`, import.meta.url))).toBe(true);
});

test.each([
  ['AUTOSWIFTNET_MAX_IMAGE_BYTE', 'Did you mean AUTOSWIFTNET_MAX_IMAGE_BYTES?'],
  ['AUTOSWIFTNET_HEAVYMODEL', 'Did you mean AUTOSWIFTNET_HEAVY_MODEL?'],
  ['AUTOSWIFTNET_OFLINE', 'Did you mean AUTOSWIFTNET_OFFLINE?'],
  ['AUTOSWIFTNET_MODLE', 'Did you mean AUTOSWIFTNET_MODELS or AUTOSWIFTNET_MODEL?'],
  ['AUTOSWIFTNET_FOO', `All settings: ${SETTINGS_PAGE}`],
  ['AUTOSWIFTNET_', `All settings: ${SETTINGS_PAGE}`],
])('%s has no effect: %s', async (name, advice) => {
  expect(await unknownVariables({ [name]: 'x', AUTOSWIFTNET_MODEL: 'a' })).toEqual([
    `there is no setting ${name}, so it has no effect. ${advice}`,
  ]);
});

test('several are named in alphabetical order', async () => {
  const warnings = await unknownVariables({ AUTOSWIFTNET_ZZZ: '', AUTOSWIFTNET_AAA: '' });

  expect(warnings.map((text) => text.split(',')[0])).toEqual([
    'there is no setting AUTOSWIFTNET_AAA',
    'there is no setting AUTOSWIFTNET_ZZZ',
  ]);
});
