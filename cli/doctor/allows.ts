import * as z from 'zod';

const manySchema = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const statementSchema = z.object({
  Effect: z.string(),
  Principal: z
    .union([z.literal('*'), z.object({ Service: manySchema.optional(), AWS: manySchema.optional() })])
    .optional(),
  Action: manySchema.default([]),
  Condition: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
});
const policySchema = z.object({
  Statement: z.union([z.array(statementSchema), statementSchema.transform((one) => [one])]),
});

const SOURCE_ACCOUNT = 'aws:sourceaccount';

interface Sender {
  /** @example cloudwatch.amazonaws.com */
  readonly service: string;
  /** @example sns:Publish */
  readonly action: string;
  /** The account on whose behalf the service sends. */
  readonly account: string;
}

/**
 * Whether a resource's policy lets a service of AWS do something. It looks for a statement that
 * allows it; a Deny of requests without TLS does not concern a service.
 * @param policy JSON text, or null if there is no policy
 */
export function allows(policy: string | null, { service, action, account }: Sender): boolean {
  if (policy === null) return false;
  const { Statement } = policySchema.parse(JSON.parse(policy));
  return Statement.some(
    ({ Effect, Principal, Action, Condition }) =>
      Effect === 'Allow' &&
      (Principal === '*' || Principal?.AWS?.includes('*') || Principal?.Service?.includes(service)) &&
      Action.some((pattern) => isMatch(pattern, action)) &&
      isForAccount(Condition, account),
  );
}

function isMatch(pattern: string, action: string): boolean {
  const [wanted, given] = [pattern.toLowerCase(), action.toLowerCase()];
  return wanted.endsWith('*') ? given.startsWith(wanted.slice(0, -1)) : wanted === given;
}

/** A condition on the account must name this one. Other conditions are taken to hold. */
function isForAccount(
  conditions: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  account: string,
): boolean {
  const named = Object.values(conditions)
    .flatMap((condition) => Object.entries(condition))
    .filter(([key]) => key.toLowerCase() === SOURCE_ACCOUNT)
    .map(([, value]) => value);
  return named.every((value) => [value].flat().includes(account));
}
