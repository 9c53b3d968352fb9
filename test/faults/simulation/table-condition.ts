/** An item, or what its parts are compared with. */
export type Values = Readonly<Record<string, unknown>>;
type Condition = (item: Values, values: Values) => boolean;
type Operand = (item: Values, values: Values) => unknown;

const TOKEN = /\s*(<=|>=|<>|[=<>(),]|[#:]?[A-Za-z_][A-Za-z0-9_]*)/y;
const compiled = new Map<string, Condition>();

/**
 * Whether an item meets a condition of DynamoDB. It knows AND, OR, NOT, IN, BETWEEN, comparisons
 * and `attribute_exists`, `attribute_not_exists` and `attribute_type`.
 * @param names what `#name` stands for
 * @param values what `:name` stands for
 */
export function meets(
  expression: string,
  item: Values,
  names: Readonly<Record<string, string>>,
  values: Values,
): boolean {
  const key = `${expression} ${JSON.stringify(names)}`;
  let condition = compiled.get(key);
  if (condition === undefined) {
    condition = new Parser(expression, names).parse();
    compiled.set(key, condition);
  }
  return condition(item, values);
}

class Parser {
  readonly #tokens: string[];
  readonly #names: Readonly<Record<string, string>>;

  constructor(expression: string, names: Readonly<Record<string, string>>) {
    this.#names = names;
    this.#tokens = [];
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < expression.trimEnd().length) {
      const at = TOKEN.lastIndex;
      const [, token] = TOKEN.exec(expression) ?? [];
      if (token === undefined) throw new TypeError(`the simulated table cannot read ${expression.slice(at)}`);
      this.#tokens.push(token);
    }
  }

  parse(): Condition {
    const condition = this.#or();
    if (this.#tokens.length > 0) throw new TypeError(`the simulated table cannot read ${this.#tokens.join(' ')}`);
    return condition;
  }

  #or(): Condition {
    const first = this.#and();
    if (!this.#skip('OR')) return first;
    const second = this.#or();
    return (item, values) => first(item, values) || second(item, values);
  }

  #and(): Condition {
    const first = this.#not();
    if (!this.#skip('AND')) return first;
    const second = this.#and();
    return (item, values) => first(item, values) && second(item, values);
  }

  #not(): Condition {
    if (this.#skip('NOT')) {
      const negated = this.#not();
      return (item, values) => !negated(item, values);
    }
    if (this.#skip('(')) {
      const inner = this.#or();
      this.#expect(')');
      return inner;
    }
    return this.#tokens[1] === '(' ? this.#call() : this.#comparison();
  }

  #call(): Condition {
    const name = this.#tokens.shift();
    this.#expect('(');
    const of = this.#operand();
    const type = this.#skip(',') ? this.#operand() : null;
    this.#expect(')');
    if (name === 'attribute_exists') return (item, values) => of(item, values) !== undefined;
    if (name === 'attribute_not_exists') return (item, values) => of(item, values) === undefined;
    if (name === 'attribute_type' && type !== null) {
      return (item, values) => type(item, values) === 'S' && typeof of(item, values) === 'string';
    }
    throw new TypeError(`the simulated table has no function ${name}`);
  }

  #comparison(): Condition {
    const left = this.#operand();
    if (this.#skip('BETWEEN')) {
      const least = this.#operand();
      this.#expect('AND');
      const most = this.#operand();
      return (item, values) => {
        const value = left(item, values);
        return compare(least(item, values), '<=', value) && compare(value, '<=', most(item, values));
      };
    }
    if (this.#skip('IN')) {
      this.#expect('(');
      const listed = [this.#operand()];
      while (this.#skip(',')) listed.push(this.#operand());
      this.#expect(')');
      return (item, values) => listed.some((one) => compare(left(item, values), '=', one(item, values)));
    }
    const operator = this.#tokens.shift() ?? '';
    const right = this.#operand();
    return (item, values) => compare(left(item, values), operator, right(item, values));
  }

  #operand(): Operand {
    const token = this.#tokens.shift() ?? '';
    if (token.startsWith(':')) return (_item, values) => values[token];
    const name = token.startsWith('#') ? (this.#names[token] ?? token) : token;
    return (item) => item[name];
  }

  #skip(token: string): boolean {
    if (this.#tokens[0] !== token) return false;
    this.#tokens.shift();
    return true;
  }

  #expect(token: string): void {
    if (!this.#skip(token)) throw new TypeError(`expected ${token}, found ${this.#tokens.join(' ')}`);
  }
}

/** What is missing, or of another type, is different, and neither smaller nor greater. */
function compare(a: unknown, operator: string, b: unknown): boolean {
  if (operator === '<>') return a !== b;
  if (a === undefined || b === undefined || typeof a !== typeof b) return false;
  if (operator === '=') return a === b;
  if (a === null || b === null) return false;
  const [left, right] = [a as number, b as number];
  if (operator === '<') return left < right;
  if (operator === '<=') return left <= right;
  if (operator === '>') return left > right;
  if (operator === '>=') return left >= right;
  throw new TypeError(`the simulated table has no operator ${operator}`);
}
