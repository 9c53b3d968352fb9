import { addChips, isChosen, MAX_CHIPS, withChosen } from '../../../web/gallery/chips.ts';
import { prediction } from '../classify/pictures.ts';
import { image } from './images.ts';

const of = (label: string) => image(label, { predictions: [prediction(label, 1)] });

test('the most frequent labels are offered first, then by the alphabet', () => {
  expect(addChips([], [of('b'), of('a'), of('c'), of('c'), image('x', { predictions: [] })])).toEqual(['c', 'a', 'b']);
});

test('what is offered stays in its place, and there is room for ten', () => {
  const many = Array.from({ length: MAX_CHIPS }, (_, index) => of(`label ${index}`));

  const chips = addChips(['z', 'label 3'], many);

  expect(chips.slice(0, 3)).toEqual(['z', 'label 3', 'label 0']);
  expect(chips).toHaveLength(MAX_CHIPS);
  expect(addChips(chips, [of('late')])).toBe(chips);
});

test('what is searched for is among the chips, in any case', () => {
  expect(withChosen(['daisy'], 'Daisy')).toEqual(['daisy']);
  expect(isChosen('daisy', 'Daisy')).toBe(true);
  expect(withChosen(['daisy'], 'dog')).toEqual(['dog', 'daisy']);
  expect(withChosen(['daisy'], '')).toEqual(['daisy']);
});
