import fc from 'fast-check';
import * as z from 'zod';
import { InvalidParameterError } from '../../../functions/api/errors.ts';
import { flag, idOfKey, keyOfId, readQuery, share, text, wholeNumber } from '../../../functions/api/parameters.ts';

const SEED = 20_261_125;
const SCHEMA = z.object({
  whole: wholeNumber(1, 100).default(7),
  share: share().optional(),
  flag: flag().default(false),
  text: text(10).optional(),
});

const key = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 1024 })
  .map((value) => Buffer.from(value).toString())
  .filter((value) => value !== '' && Buffer.byteLength(value) <= 1024);

test('an id leads back to its key, and needs no escaping in a path', () => {
  fc.assert(
    fc.property(key, (one) => {
      expect(idOfKey(one)).toMatch(/^[\w-]{1,1366}$/);
      expect(keyOfId(idOfKey(one))).toBe(one);
    }),
    { seed: SEED, numRuns: 500 },
  );
});

test('one key has one id: any other text that decodes to the key is refused', () => {
  const near = fc
    .tuple(key, fc.string({ maxLength: 3 }), fc.nat({ max: 5 }))
    .map(([one, added, cut]) => idOfKey(one).slice(cut) + added);
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), near, fc.base64String()), (id) => {
      let found: string | undefined;
      try {
        found = keyOfId(id);
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidParameterError);
      }
      if (found !== undefined) expect(idOfKey(found)).toBe(id);
    }),
    { seed: SEED, numRuns: 1000 },
  );
});

test('a query is read within its bounds, or is refused with the name of the wrong parameter', () => {
  const value = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.double().map(String),
    fc.integer().map(String),
    fc.constantFrom('true', 'false', '0', '1', '1e-5', '1.', '.5', '01', '+1', ' 1', '1_0', 'Infinity'),
  );
  const name = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...Object.keys(SCHEMA.shape)) },
    { weight: 1, arbitrary: fc.string() },
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value), { maxLength: 4 }), (pairs) => {
      try {
        const { whole, share: part, flag: on, text: words } = readQuery(SCHEMA, new URLSearchParams(pairs));
        expect(Number.isInteger(whole) && whole >= 1 && whole <= 100).toBe(true);
        expect(part === undefined || (part >= 0 && part <= 1)).toBe(true);
        expect(typeof on).toBe('boolean');
        expect(words === undefined || (words.length >= 1 && [...words].length <= 10)).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidParameterError);
        expect(error).toMatchObject({ status: 400, members: { parameter: expect.any(String) } });
      }
    }),
    { seed: SEED, numRuns: 2000 },
  );
});

test.each([
  ['whole', '100', 100],
  ['share', '1', 1],
  ['share', '0.25', 0.25],
  ['share', '1e-3', 0.001],
  ['flag', 'true', true],
  ['text', 'ü', 'ü'],
])('%s=%s is %j', (name, given, expected) => {
  expect(readQuery(SCHEMA, new URLSearchParams({ [name]: given }))).toMatchObject({ [name]: expected });
});

test.each([
  ['whole', '101'],
  ['whole', '1.5'],
  ['share', '1.0001'],
  ['share', '-0'],
  ['flag', '1'],
  ['text', ''],
  ['text', 'elevenchars'],
  ['__proto__', 'x'],
  ['constructor', 'x'],
])('%s=%s is refused', (name, given) => {
  expect(() => readQuery(SCHEMA, new URLSearchParams([[name, given]]))).toThrow(InvalidParameterError);
});
