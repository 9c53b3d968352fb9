import type { Random } from '../random.ts';
import type { CorpusPicture } from './corpus.ts';

const SVG = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><image href="file:///etc/passwd"/></svg>';
const HTML = '<!doctype html><html><script>alert(document.domain)</script></html>';
const PDF = '%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n%%EOF';
const ENTITIES = `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "${'a'.repeat(100)}"><!ENTITY b "${'&a;'.repeat(100)}">]><svg>&b;</svg>`;
const EXTERNAL =
  '<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg><text>&x;</text></svg>';
const SCRIPT = '#!/bin/sh\nid > /tmp/owned\n';
const MVG = 'push graphic-context\nviewbox 0 0 640 480\nfill \'url(https://example.com/"|id")\'\npop graphic-context';
const POSTSCRIPT = '%!PS\nuserdict /setpagedevice undef\nlegal\n{ null restore } stopped { pop } if';
/** An empty archive, which Java and unzip read from the end of any file. */
const ZIP = `PK\x05\x06${'\0'.repeat(18)}`;
const TEXTS = [SVG, HTML, PDF, ENTITIES, EXTERNAL, SCRIPT, MVG, POSTSCRIPT, ZIP];

const MAGICS = [
  '\xff\xd8\xff',
  '\x89PNG\r\n\x1a\n',
  'GIF89a',
  'RIFF\xff\xff\xff\xffWEBP',
  'II*\0\x08\0\0\0',
  'MM\0*\0\0\0\x08',
  'II+\0\x08\0\0\0',
  '\0\0\0\x18ftypavif\0\0\0\0avif',
  '\0\0\0\x18ftypheic\0\0\0\0mif1',
  '\0\0\0\x14ftypisom\0\0\0\0',
  'BM\0\0\0\0\0\0\0\0',
  '8BPS\0\x01',
  'v/1\x01',
  '\0\0\0\x0cjP  \r\n\x87\n',
];

/** Files that are, or also are, something else than a picture of the product. */
export const DISGUISES: Readonly<Record<string, (random: Random, corpus: readonly CorpusPicture[]) => Buffer>> = {
  'another format under the name of a picture': (random) => {
    const text = random.oneOf(TEXTS);
    const mark = random.oneOf(['', '', '\ufeff', ' \n', '<!-- x -->']);
    return Buffer.from(mark + text, random.oneOf(['utf8', 'utf16le', 'latin1'] as const));
  },
  'a picture with another file behind it': (random, corpus) =>
    Buffer.concat([random.oneOf(corpus).bytes, random.oneOf([...TEXTS.map(latin1), random.oneOf(corpus).bytes])]),
  'a picture behind another file': (random, corpus) =>
    Buffer.concat([random.oneOf([...TEXTS.map(latin1), random.oneOf(corpus).bytes]), random.oneOf(corpus).bytes]),
  'markup in the metadata': (random, corpus) => {
    const { bytes } = random.oneOf(corpus);
    const at = Math.max(12, random.below(bytes.length));
    return Buffer.concat([bytes.subarray(0, at), latin1(random.oneOf(TEXTS)), bytes.subarray(at)]);
  },
  'the beginning of one format, the rest of another': (random, corpus) =>
    Buffer.concat([latin1(random.oneOf(MAGICS)), random.oneOf(corpus).bytes.subarray(random.below(24))]),
  'the beginning of a format, and noise': (random) =>
    Buffer.concat([latin1(random.oneOf(MAGICS)), random.bytes(random.below(400))]),
  noise: (random) => random.bytes(random.below(300)),
};

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}
