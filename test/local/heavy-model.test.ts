import { heavyModel } from '../../local/heavy-model.ts';

test('a package is requested by the name of its folder', () => {
  expect(heavyModel('/m/big', '/m/small')).toEqual({ name: 'big', packageDir: '/m/big' });
});

test('a package that is also the small model is requested by another name', () => {
  expect(heavyModel('/m/sample', '/m/sample').name).toBe('sample.heavy');
  expect(heavyModel('/elsewhere/sample', '/m/sample').name).toBe('sample.heavy');
});
