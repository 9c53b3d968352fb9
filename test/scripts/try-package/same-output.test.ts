import { outputDifference } from '../../../scripts/try-package/same-output.ts';

const PAGE = `{
  label: 'daisy',
  probability: 0.8604508501808392,
  timings: { decode: 99.02, run: 5.43 }
}
`;

test.each([
  ['the same', PAGE],
  ['other line breaks', "{ label: 'daisy', probability: 0.8604508501808392, timings: { decode: 99.02, run: 5.43 } }"],
  ['another processor', PAGE.replace('0.8604508501808392', '0.8604512')],
  ['other times, of any length', PAGE.replace('99.02', '7')],
])('%s is no difference', (_, printed) => {
  expect(outputDifference(printed, PAGE)).toBeNull();
});

test.each([
  ['another label', PAGE.replace('daisy', 'rose')],
  ['another number', PAGE.replace('0.8604508501808392', '0.862')],
  ['another name of a number', PAGE.replace('probability', 'score')],
  ['one line less', PAGE.replace(/.*timings.*\n/, '')],
  ['one number less', PAGE.replace('0.8604508501808392', '')],
  ['another time', PAGE.replace('run:', 'wait:')],
  ['nothing', ''],
])('%s is a difference, and both are shown', (_, printed) => {
  expect(outputDifference(printed, PAGE)).toBe(
    `the page says\n${PAGE.trim()}\nbut the program prints\n${printed.trim()}`,
  );
});
