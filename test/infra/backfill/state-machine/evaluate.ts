import jsonata, { type Expression } from 'jsonata';
import { StateError } from './state-error.ts';

/** What an expression sees as `$states`. */
export interface States {
  readonly input: unknown;
  readonly context: Context;
  readonly result?: unknown;
}

/**
 * The context object:
 * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
 */
export interface Context {
  readonly Execution: { readonly Name: string; readonly Input: unknown; readonly RedriveCount: number };
  readonly State?: { readonly Name: string; readonly RetryCount: number };
  readonly Map?: { readonly Item: { readonly Index: number; readonly Value: unknown } };
}

const EXPRESSION = /^\{%(.*)%\}$/s;
const compiled = new Map<string, Expression>();

/**
 * Replaces every text `{% … %}` inside a value by what the expression says.
 * @throws {StateError} States.QueryEvaluationError if one fails or says nothing
 */
export async function evaluate(value: unknown, states: States): Promise<unknown> {
  if (typeof value === 'string') {
    const [, expression] = EXPRESSION.exec(value) ?? [];
    return expression === undefined ? value : evaluateExpression(expression, states);
  }
  if (Array.isArray(value)) return Promise.all(value.map((item) => evaluate(item, states)));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(async ([key, item]) => [key, await evaluate(item, states)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/**
 * Evaluates what must be a number.
 * @throws {StateError} States.QueryEvaluationError if it is something else
 */
export async function evaluateNumber(value: unknown, states: States): Promise<number> {
  const result = await evaluate(value, states);
  if (typeof result === 'number') return result;
  throw new StateError('States.QueryEvaluationError', `${value}: expected a number, found ${typeof result}`);
}

async function evaluateExpression(text: string, states: States): Promise<unknown> {
  let expression = compiled.get(text);
  if (expression === undefined) {
    expression = jsonata(text);
    compiled.set(text, expression);
  }
  const result: unknown = await expression.evaluate(undefined, { states }).catch((error: unknown) => {
    throw new StateError('States.QueryEvaluationError', `${text}: ${JSON.stringify(error)}`);
  });
  if (result === undefined) throw new StateError('States.QueryEvaluationError', `${text}: it says nothing`);
  // The library's arrays carry marks of its own.
  return JSON.parse(JSON.stringify(result));
}
