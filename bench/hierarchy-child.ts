/**
 * The cold process of bench/hierarchy.ts: reads the hierarchy of a package, if it has one, and
 * interprets one answer. It prints the milliseconds of processor time that this took, and how many
 * concepts the answer has.
 *
 *   hierarchy-child.ts PACKAGE
 */
import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { readHierarchy } from '../classifier/concepts/read-hierarchy.ts';
import { DEFAULT_CONCEPT_THRESHOLD } from '../classifier/concepts/sum-concepts.ts';
import { interpret } from '../classifier/interpret.ts';
import { readManifest } from '../classifier/manifest.ts';

const packageDir = process.argv[2] ?? '';
const manifest = await readManifest(packageDir);
// Three classes have nearly a third each.
const logits = Float32Array.from(manifest.labels, (_, index) => (index % 400 === 150 ? 20 : index % 7));
// The tagging function has loaded this by then: it has signed a request.
createHash('sha256').update('request').digest();
// Until then, the threads that compile and collect have done what reading the manifest gave them.
await setTimeout(20);

const start = process.cpuUsage();
const hierarchy = await readHierarchy(packageDir, manifest);
const { concepts } = interpret(logits, manifest, hierarchy, { top: 10, conceptThreshold: DEFAULT_CONCEPT_THRESHOLD });
const { user, system } = process.cpuUsage(start);

process.stdout.write(JSON.stringify({ cpuMs: (user + system) / 1000, concepts: concepts.length }));
