import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSettings } from '../../cli/settings.ts';
import { ConfigurationError } from '../../functions/errors.ts';

test("in a clone packages are in the clone's models/cache, whatever the working directory", () => {
  expect(readSettings({})).toEqual({
    modelsDir: fileURLToPath(new URL('../../models/cache', import.meta.url)),
    model: undefined,
    heavyModel: undefined,
    furtherHeavyModels: [],
    offline: false,
    limits: { maxBytes: 50_000_000, maxPixels: 100_000_000, heic: true },
    conceptThreshold: 0.8,
  });
});

test('each variable is read', () => {
  expect(
    readSettings({
      AUTOSWIFTNET_MODELS: 'some/folder',
      AUTOSWIFTNET_MODEL: 'own',
      AUTOSWIFTNET_HEAVY_MODEL: 'big',
      AUTOSWIFTNET_HEAVY_MODELS: 'bigger, biggest',
      AUTOSWIFTNET_OFFLINE: '1',
      AUTOSWIFTNET_MAX_IMAGE_BYTES: '1000',
      AUTOSWIFTNET_MAX_IMAGE_PIXELS: '2000',
      AUTOSWIFTNET_HEIC: '0',
      AUTOSWIFTNET_CONCEPT_THRESHOLD: '0.9',
    }),
  ).toEqual({
    modelsDir: resolve('some/folder'),
    model: 'own',
    heavyModel: 'big',
    furtherHeavyModels: ['bigger', 'biggest'],
    offline: true,
    limits: { maxBytes: 1000, maxPixels: 2000, heic: false },
    conceptThreshold: 0.9,
  });
});

test('every wrong variable is named', () => {
  const wrong = { AUTOSWIFTNET_OFFLINE: 'yes', AUTOSWIFTNET_MODEL: '../up' };

  expect(() => readSettings(wrong)).toThrow(ConfigurationError);
  expect(() => readSettings(wrong)).toThrow(/AUTOSWIFTNET_MODEL.*AUTOSWIFTNET_OFFLINE/);
});
