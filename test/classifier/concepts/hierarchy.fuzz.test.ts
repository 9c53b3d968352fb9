import fc from 'fast-check';
import { lineageOf, parseHierarchy } from '../../../classifier/concepts/hierarchy.ts';
import { InvalidHierarchyError } from '../../../classifier/errors.ts';

const id = fc.constantFrom('a', 'b', 'c', 'd', '__proto__', 'constructor', '');
const labels = fc.array(
  id.map((label) => ({ label, wnid: null })),
  { maxLength: 2 },
);
const node = fc.record({
  id,
  label: fc.string({ minLength: 1, maxLength: 3 }),
  synonyms: fc.array(fc.string({ minLength: 1 }), { maxLength: 2 }),
  parents: fc.array(id, { maxLength: 2 }),
});

test('any JSON either is a hierarchy, whose lineages hold each node once, or gives the named error', () => {
  const texts = fc.oneof(
    fc.uniqueArray(node, { maxLength: 6, selector: (one) => one.id }).map((nodes) => JSON.stringify(nodes)),
    fc
      .array(fc.oneof({ weight: 9, arbitrary: node }, fc.jsonValue()), { maxLength: 6 })
      .map((nodes) => JSON.stringify(nodes)),
    fc.json(),
    fc.string(),
  );
  let parsed = 0;
  fc.assert(
    fc.property(texts, labels, (text, classes) => {
      let hierarchy: ReturnType<typeof parseHierarchy>;
      try {
        hierarchy = parseHierarchy(text, classes, 'fuzz');
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidHierarchyError);
        return;
      }
      parsed += 1;
      for (const [index, { label }] of classes.entries()) {
        const lineage = lineageOf(hierarchy, index);
        expect(new Set(lineage).size).toBe(lineage.length);
        expect(hierarchy.nameOf(lineage[0] ?? -1).id).toBe(label);
      }
    }),
    { seed: 15, numRuns: 2000 },
  );
  expect(parsed).toBeGreaterThan(50);
});
