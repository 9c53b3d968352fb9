import { DrainingError } from '../../../functions/gpu-worker/errors.ts';
import { createReadGate } from '../../../functions/gpu-worker/read-gate.ts';

test('as many as there are slots go in, the others wait their turn', async () => {
  const gate = createReadGate(2);
  const entered: number[] = [];
  const enter = async (number: number) => {
    const slot = await gate.enter(false);
    entered.push(number);
    return slot;
  };
  const [first, , third] = [enter(1), enter(2), enter(3), enter(4)];
  (await first).giveBack();
  await third;
  expect(entered).toEqual([1, 2, 3]);

  // Given back twice, it is one slot all the same.
  (await first).giveBack();
  await Promise.resolve();
  expect(entered).toEqual([1, 2, 3]);
});

test('once closed it refuses all callers, also those that wait, except callers with `always`', async () => {
  const gate = createReadGate(1);
  const first = await gate.enter(false);
  const waiting = gate.enter(false);
  const mustGoIn = gate.enter(true);
  gate.close();

  await expect(waiting).rejects.toThrow(DrainingError);
  await expect(gate.enter(false)).rejects.toThrow(DrainingError);
  first.giveBack();
  const slot = await mustGoIn;
  slot.giveBack();
  await expect(gate.enter(true)).resolves.toBeDefined();
});
