import { toRouteSettings } from '../../../functions/routing/route-settings.ts';

const ENVIRONMENT = {
  AUTOSWIFTNET_HEAVY_MODEL: 'heavy',
  AUTOSWIFTNET_HEAVY_MODELS: ['other', 'heavy'],
  AUTOSWIFTNET_HEAVY_QUEUE_URL: 'http://127.0.0.1/queue',
  AUTOSWIFTNET_MODEL_RULES: { 'a/': 'auto' },
  AUTOSWIFTNET_CASCADE_THRESHOLD: 0.25,
};

test('the settings of routes, each heavy model once, the first of them first', () => {
  expect(toRouteSettings(['small'], ENVIRONMENT)).toEqual({
    small: ['small'],
    heavy: ['heavy', 'other'],
    rules: { 'a/': 'auto' },
    cascadeThreshold: 0.25,
  });
});

test('without a queue there are no heavy models, without a first one only the others', () => {
  expect(toRouteSettings(['small'], { ...ENVIRONMENT, AUTOSWIFTNET_HEAVY_QUEUE_URL: null }).heavy).toEqual([]);
  expect(toRouteSettings(['small'], { ...ENVIRONMENT, AUTOSWIFTNET_HEAVY_MODEL: null }).heavy).toEqual([
    'other',
    'heavy',
  ]);
});
