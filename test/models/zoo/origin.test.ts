import { describeOrigin } from '../../../models/zoo/origin.ts';
import { findZooModel } from '../../../models/zoo/zoo.ts';

const SWSL = findZooModel('resnet50_swsl');
const SWSL_SHA256 = SWSL.sha256Prefix.padEnd(64, '0');
const OTHER_SHA256 = 'f'.repeat(64);

function originOf(options: Parameters<typeof describeOrigin>[0], sha256: string) {
  const warnings: string[] = [];
  return { origin: describeOrigin(options, sha256, (text) => warnings.push(text)), warnings };
}

test('a released checkpoint is recognised by its bytes, not by its name', () => {
  for (const checkpoint of [`/downloads/${SWSL.fileName}`, 'weights.bin']) {
    expect(originOf({ checkpoint }, SWSL_SHA256)).toEqual({
      origin: {
        supervision: 'swsl',
        publishedTop1: 81.2,
        publishedTop5: 96,
        measuredTop1: 81.146,
        measuredTop5: 95.98,
        license: 'CC BY-NC 4.0',
        source: { url: SWSL.url, sha256: SWSL_SHA256 },
      },
      warnings: [],
    });
  }
});

test("given facts are used instead of the zoo's", () => {
  const { origin } = originOf({ checkpoint: 'x', license: 'other', publishedTop1: 1 }, SWSL_SHA256);

  expect(origin).toMatchObject({ license: 'other', publishedTop1: 1, publishedTop5: 96 });
});

test('another file with a released name is not taken for the released one, and a warning says so', () => {
  const { origin, warnings } = originOf({ checkpoint: `a/${SWSL.fileName}` }, OTHER_SHA256);

  expect(origin).toMatchObject({ supervision: null, license: null, source: { url: null, sha256: OTHER_SHA256 } });
  expect(warnings).toEqual([expect.stringContaining('resnet50_swsl')]);
});
