import { InvalidArgumentError } from '../../../classifier/errors.ts';
import { packageName, requireName } from '../../../models/package/package-name.ts';

test.each([
  ['models/cache/resnet50_swsl', 'fp32', 'resnet50_swsl'],
  ['/a/b/my-model.v2/', 'fp32', 'my-model.v2'],
  ['models/cache/resnet50.int8', 'int8', 'resnet50.int8'],
  ['models/cache/calibrated.int8', 'int8', 'calibrated.int8'],
  ['a.fp16', 'fp16', 'a.fp16'],
] as const)('a package in %s, of precision %s, is named %s', (out, precision, name) => {
  expect(packageName(out, precision)).toBe(name);
});

test('the name of a relative folder is that of the folder that it leads to', () => {
  expect(packageName('models/cache/../own/.', 'fp32')).toBe('own');
});

test.each([
  ['my model', 'fp32', 'the package name "my model" is not valid'],
  ['.hidden', 'fp32', 'the package name ".hidden" is not valid'],
  ['x'.repeat(129), 'fp32', 'Use at most 128 letters'],
  ['out', 'int8', 'the name of an int8 package ends in .int8: name the folder out.int8'],
  ['resnet50.int8', 'fp16', 'ends in .fp16'],
] as const)('a folder %s cannot hold a new %s package', (out, precision, message) => {
  expect(() => packageName(out, precision)).toThrow(InvalidArgumentError);
  expect(() => packageName(out, precision)).toThrow(message);
});

test("a name that is given is checked like a folder's", () => {
  expect(() => requireName('given.name-1')).not.toThrow();
  expect(() => requireName('../up')).toThrow('the package name "../up" is not valid');
});
