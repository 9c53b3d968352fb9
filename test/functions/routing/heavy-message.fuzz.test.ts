import fc from 'fast-check';
import { HeavyMessageError } from '../../../functions/routing/errors.ts';
import { parseHeavyRequest } from '../../../functions/routing/heavy-message.ts';
import { validRequest } from './valid-request.ts';

const SEED = 20261125;

/** What the parser makes of a body: the request, or null for a named error; any other error fails the test. */
function read(body: string): object | null {
  try {
    return parseHeavyRequest(body);
  } catch (error) {
    if (error instanceof HeavyMessageError) return null;
    throw error;
  }
}

test('any text is a request or a HeavyMessageError', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (body) => {
      read(body);
    }),
    { seed: SEED, numRuns: 500 },
  );
});

test('a request with one field replaced by anything is read as it is or refused', () => {
  const paths = [
    ...Object.keys(validRequest()).map((name) => [name]),
    ...Object.keys(validRequest().source).map((name) => ['source', name]),
  ];
  fc.assert(
    fc.property(fc.constantFrom(...paths), fc.jsonValue(), ([name = '', inner], value) => {
      const request = validRequest();
      const changed =
        inner === undefined
          ? { ...request, [name]: value }
          : { ...request, source: { ...request.source, [inner]: value } };
      const body = JSON.stringify(changed);
      const parsed = read(body);

      if (parsed !== null) expect(parsed).toEqual(JSON.parse(body));
    }),
    { seed: SEED, numRuns: 500 },
  );
});

test('a cut-off request is never read', () => {
  const body = JSON.stringify(validRequest());
  fc.assert(
    fc.property(fc.nat(body.length - 1), (length) => {
      expect(read(body.slice(0, length))).toBeNull();
    }),
    { seed: SEED },
  );
});
