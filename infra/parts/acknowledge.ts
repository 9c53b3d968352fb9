import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Accepts findings of the rule packs (cdk-nag) on one construct, each by its id and with a reason.
 */
export function acknowledge(construct: IConstruct, reasons: Readonly<Record<string, string>>): void {
  const validations = Validations.of(construct);
  for (const [id, reason] of Object.entries(reasons)) validations.acknowledge({ id, reason });
}

/**
 * Makes the id of the finding that the resource of a statement contains a wildcard.
 * @example wildcardResource(bucket, bucket.arnForObjects('*'))
 * // AwsSolutions-IAM5[Resource::<ImagesBucket4B6DB8E1.Arn>/*]
 */
export function wildcardResource(construct: IConstruct, arn: string): string {
  return `AwsSolutions-IAM5[Resource::${flatten(Stack.of(construct).resolve(arn))}]`;
}

/** Writes a reference as cdk-nag writes it. */
function flatten(value: unknown): string {
  if (typeof value === 'string') return value;
  const [name, argument]: [string?, unknown?] = Object.entries(Object(value))[0] ?? [];
  if (name === 'Ref') return `<${argument}>`;
  if (!Array.isArray(argument)) throw new TypeError(`not a CloudFormation reference: ${JSON.stringify(value)}`);
  if (name === 'Fn::GetAtt') return `<${argument.join('.')}>`;
  return argument[1].map(flatten).join(argument[0]);
}
