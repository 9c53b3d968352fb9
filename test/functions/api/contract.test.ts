import { ROUTE_PATHS } from '../../../functions/api/route-paths.ts';
import { classifyingTests } from './answers/classifying.ts';
import { useContractWorld } from './answers/contract-world.ts';
import { idempotencyTests } from './answers/idempotency.ts';
import { listTests } from './answers/lists.ts';
import { refusalTests } from './answers/refusals.ts';
import { thumbnailTests } from './answers/thumbnails.ts';
import { DOCUMENTED } from './contract.ts';

/** In one file, so that the last test knows which answers all others have seen. */
const world = useContractWorld();

describe('classifying', () => classifyingTests(world));
describe('refusals', () => refusalTests(world));
describe('Idempotency-Key', () => idempotencyTests(world));
describe('lists', () => listTests(world));
describe('thumbnails', () => thumbnailTests(world));

test('routes are those of the document, and every answer that is ours was seen', () => {
  const routes = ROUTE_PATHS.map(({ method, path }) => `${method} ${path}`);
  const documented = [...new Set(DOCUMENTED.map((name) => name.replace(/ \d+$/, '')))];
  expect([...routes].sort()).toEqual([...documented].sort());
  // API Gateway's own, and what these four cannot come to.
  const notOurs = / (401|403|429)$|^GET .* 503$|^POST \/uploads 503$|^GET \/(health|openapi\.yaml) 500$/;
  const seen = new Set([...world.api.seen, ...world.broken.seen, ...world.loading.seen, ...world.seenElsewhere]);
  expect(DOCUMENTED.filter((name) => !notOurs.test(name) && !seen.has(name))).toEqual([]);
});
