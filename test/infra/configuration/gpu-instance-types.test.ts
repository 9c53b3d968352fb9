import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { GPU_FAMILIES, UNUSABLE_FAMILIES } from '../../../infra/configuration/gpu-instance-types.ts';

/** This file of the CDK alone loads in milliseconds. */
const INSTANCE_TYPES = fileURLToPath(
  new URL('../../../node_modules/aws-cdk-lib/aws-ec2/lib/instance-types.js', import.meta.url),
);
const { InstanceClass, InstanceType }: typeof import('aws-cdk-lib/aws-ec2') = createRequire(import.meta.url)(
  INSTANCE_TYPES,
);

/** EC2's families for graphics and for machine learning on GPUs. */
const GPU_FAMILY = /^(g|gr|p)\d+[a-z]*$/;

test("each GPU family of the CDK's list is usable or has a reason why not", () => {
  const known = [...new Set(Object.values(InstanceClass))].filter((family) => GPU_FAMILY.test(family));

  expect([...GPU_FAMILIES, ...Object.keys(UNUSABLE_FAMILIES)].sort()).toEqual(known.sort());
});

test.each(GPU_FAMILIES)('the family %s has x86-64 processors', (family) => {
  expect(new InstanceType(`${family}.xlarge`).architecture).toBe('x86_64');
});
