/**
 * Writes ImageNet's hierarchy from WordNet 3.0, which Debian has:
 *
 *   apt-get download wordnet-base && dpkg-deb -x wordnet-base_*.deb wordnet
 *   node --import tsx scripts/imagenet-hierarchy.ts wordnet/usr/share/wordnet/data.noun
 */
import { readFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import { IMAGENET_HIERARCHY } from '../models/hierarchy/choose-hierarchy.ts';
import { formatNodes } from '../models/hierarchy/format-nodes.ts';
import { IMAGENET_LABELS } from '../models/labels/labels.ts';
import { wordNetNodes } from './wordnet-nodes.ts';

const [nouns] = process.argv.slice(2);
if (nouns === undefined) throw new Error('Give the path of data.noun of WordNet 3.0.');
const classes = z
  .array(z.object({ wnid: z.string(), label: z.string() }))
  .parse(JSON.parse(readFileSync(IMAGENET_LABELS, 'utf8')));
const nodes = wordNetNodes(readFileSync(nouns, 'utf8'), classes);
writeFileSync(IMAGENET_HIERARCHY, formatNodes(nodes));
process.stdout.write(`${IMAGENET_HIERARCHY}: ${nodes.length} nodes\n`);
