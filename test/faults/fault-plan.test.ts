import { type FaultPlan, faultPlanSchema, treatmentOf } from './fault-plan.ts';

function draw(plan: FaultPlan, calls = 4000) {
  return Array.from({ length: calls }, (_, count) => treatmentOf(plan, 's3', 'GetObject', count));
}

function planOf(seed: number): FaultPlan {
  return faultPlanSchema.parse({
    seed,
    services: { s3: { delayMs: [10, 30], refuse: 0.1, drop: 0.2, reset: 0.05, duplicate: 0.15 } },
  });
}

test('the n-th call of an operation is always treated alike, and another seed draws differently', () => {
  expect(draw(planOf(1), 50)).toEqual(draw(planOf(1), 50));
  expect(draw(planOf(2), 50)).not.toEqual(draw(planOf(1), 50));
});

test('faults and delays come as often as planned', () => {
  const drawn = draw(planOf(1));
  const shareOf = (fate: string) => drawn.filter((one) => one.fate === fate).length / drawn.length;
  const delays = drawn.map(({ delayMs }) => delayMs);

  // Three standard deviations of a share of 4,000 draws are at most 0.024.
  for (const [fate, share] of Object.entries({ pass: 0.5, refuse: 0.1, drop: 0.2, reset: 0.05, duplicate: 0.15 })) {
    expect([fate, Math.abs(shareOf(fate) - share) < 0.024]).toEqual([fate, true]);
  }
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(10);
  expect(Math.max(...delays)).toBeLessThan(30);
  expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThan(19);
});

test('a service without a plan answers at once', () => {
  expect(treatmentOf(planOf(1), 'sns', 'Publish', 0)).toEqual({ delayMs: 0, fate: 'pass' });
});

test('an unknown field of a plan is an error', () => {
  expect(faultPlanSchema.safeParse({ seed: 1, services: { s3: { delay: 5 } } }).success).toBe(false);
});
