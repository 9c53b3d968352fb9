import { ConfigurationError } from '../../../functions/errors.ts';
import { readSettings } from '../../../infra/configuration/read-settings.ts';

test('a construct has the defaults of the configuration keys, and takes nothing else', () => {
  const props = { tagLabels: 2, corsOrigins: undefined, service: 'not a setting' };

  expect(readSettings('AutoSwiftNet', ['tagLabels', 'memoryMb', 'corsOrigins'], props)).toEqual({
    tagLabels: 2,
    memoryMb: 1769,
  });
});

test('a wrong prop is named, with what it must be and what it is', () => {
  const read = () => readSettings('HttpApi', ['throttleRate'], { throttleRate: 0 });

  expect(read).toThrow(ConfigurationError);
  expect(read).toThrow('the prop throttleRate of HttpApi must be a whole number from 1 to 10000, but it is 0.');
});
