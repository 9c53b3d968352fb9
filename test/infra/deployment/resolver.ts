import { ACCOUNT, REGION } from '../../../local/names.ts';
import type { Resource, Template } from '../assemblies.ts';

/** What CloudFormation knows of a resource that it has created. */
export interface Created {
  /** The value of `Ref`. */
  readonly ref: string;
  /** The values of `Fn::GetAtt`. */
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * Creates a resource.
 * @param name of the kind that CloudFormation generates
 * @param properties with references replaced
 */
export type Create = (resource: {
  readonly type: string;
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
}) => Promise<Created>;

/** Replaces the references in a value of the template, and creates what they refer to. */
export type Resolve = <Value>(value: unknown) => Promise<Value>;

const STACK = 'AutoSwiftNet';

const PSEUDO_PARAMETERS: Readonly<Record<string, string>> = {
  'AWS::AccountId': ACCOUNT,
  'AWS::Partition': 'aws',
  'AWS::Region': REGION,
  'AWS::StackName': STACK,
  'AWS::URLSuffix': 'amazonaws.com',
};

/**
 * Evaluates values of a template as CloudFormation does: each resource is created once, after the
 * resources that it refers to.
 */
export function openResolver({ Resources }: Template, create: Create): Resolve {
  const created = new Map<string, Promise<Created>>();

  function find(logicalId: string): Promise<Created> {
    const found = created.get(logicalId) ?? createOnce(logicalId, Resources[logicalId]);
    created.set(logicalId, found);
    return found;
  }

  async function createOnce(logicalId: string, resource: Resource | undefined): Promise<Created> {
    if (resource === undefined) throw new Error(`the template has no resource ${logicalId}`);
    const properties = needsProperties(resource.Type)
      ? await (resolve as Resolve)<Record<string, unknown>>(resource.Properties)
      : {};
    return create({ type: resource.Type, name: nameOf(logicalId), properties });
  }

  async function evaluate(name: string, argument: unknown): Promise<unknown> {
    if (name === 'Ref') {
      const parameter = PSEUDO_PARAMETERS[argument as string];
      return parameter ?? (await find(argument as string)).ref;
    }
    if (name === 'Fn::GetAtt') {
      const [logicalId = '', attribute = ''] = argument as string[];
      const value = (await find(logicalId)).attributes[attribute];
      if (value === undefined) throw new Error(`${logicalId} has no attribute ${attribute} here`);
      return value;
    }
    if (name === 'Fn::Join') {
      const [separator, parts] = argument as [string, unknown[]];
      return (await Promise.all(parts.map((part) => resolve(part)))).join(separator);
    }
    if (name === 'Fn::Select') {
      const [index, list] = argument as [string, unknown];
      return ((await resolve(list)) as unknown[])[Number(index)];
    }
    if (name === 'Fn::Split') {
      const [separator, text] = argument as [string, unknown];
      return String(await resolve(text)).split(separator);
    }
    throw new Error(`${name} is not known here`);
  }

  async function resolve(value: unknown): Promise<unknown> {
    if (Array.isArray(value)) return Promise.all(value.map(resolve));
    if (typeof value !== 'object' || value === null) return value;
    const [first, ...others] = Object.entries(value);
    if (first !== undefined && others.length === 0 && /^(Ref|Fn::\w+)$/.test(first[0])) return evaluate(...first);
    return Object.fromEntries(
      await Promise.all(Object.entries(value).map(async ([key, part]) => [key, await resolve(part)])),
    );
  }

  return resolve as Resolve;
}

/** Makes a name of the kind that CloudFormation generates. */
export function nameOf(logicalId: string): string {
  return `${STACK}-${logicalId}`;
}

/** Of all others, the name is enough. Their roles and machines do not exist here. */
function needsProperties(type: string): boolean {
  return /^AWS::(SQS|SNS|DynamoDB|S3|Lambda::(Version|Alias))/.test(type);
}
