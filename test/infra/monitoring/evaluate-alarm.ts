/** A value that a service or a program reports in one period. */
export interface Point {
  readonly namespace: string;
  readonly name: string;
  /** A pattern stands for the logical name of a resource. */
  readonly dimensions: Readonly<Record<string, string | RegExp>>;
  readonly value: number;
}

interface Metric {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: unknown }[];
}

interface AlarmMetric {
  readonly Id: string;
  readonly Expression?: string;
  readonly MetricStat?: { readonly Metric: Metric };
  readonly ReturnData?: boolean;
}

/** The properties of an alarm in a template. */
export interface Alarm extends Partial<Metric> {
  readonly Metrics?: readonly AlarmMetric[];
  readonly Threshold: number;
  readonly ComparisonOperator: string;
}

/** The functions of CloudWatch's expressions that the alarms use. Undefined: no data. */
const FUNCTIONS = {
  IF: (condition: boolean, one: number, other: number) => (condition ? one : other),
  FILL: (value: number | undefined, other: number) => value ?? other,
  MAX: (values: readonly (number | undefined)[]) => Math.max(...values.filter((value) => value !== undefined)),
};

/** Says whether an alarm is raised when these points, and no others, are reported in every period. */
export function isRaised(alarm: Alarm, points: readonly Point[]): boolean {
  if (alarm.ComparisonOperator !== 'GreaterThanThreshold') throw new TypeError(alarm.ComparisonOperator);
  const value = alarm.Metrics === undefined ? sumOf(alarm as Metric, points) : evaluate(alarm.Metrics, points);
  return value !== undefined && value > alarm.Threshold;
}

function evaluate(metrics: readonly AlarmMetric[], points: readonly Point[]): number | undefined {
  const returned = metrics.find(({ ReturnData }) => ReturnData !== false);
  const valueOfId = (id: string): number | undefined => {
    const metric = metrics.find(({ Id }) => Id === id);
    if (metric?.MetricStat !== undefined) return sumOf(metric.MetricStat.Metric, points);
    if (metric?.Expression === undefined) throw new TypeError(`the alarm has no metric ${id}`);
    const { Expression } = metric;
    const ids = metrics.map(({ Id }) => Id).filter((other) => new RegExp(`\\b${other}\\b`).test(Expression));
    // The expressions are JavaScript as well.
    const compute = new Function(...Object.keys(FUNCTIONS), ...ids, `return ${Expression};`);
    const value: number = compute(...Object.values(FUNCTIONS), ...ids.map(valueOfId));
    return Number.isFinite(value) ? value : undefined;
  };
  if (returned === undefined) throw new TypeError('the alarm returns no metric');
  return valueOfId(returned.Id);
}

/** Sums the points of a metric: namespace, name and every dimension must be the same. */
function sumOf({ Namespace, MetricName, Dimensions = [] }: Metric, points: readonly Point[]): number | undefined {
  const found = points.filter(({ namespace, name, dimensions }) => {
    const same = Dimensions.every(({ Name, Value }) => fits(dimensions[Name], Value));
    return (
      namespace === Namespace && name === MetricName && same && Object.keys(dimensions).length === Dimensions.length
    );
  });
  return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
}

function fits(expected: string | RegExp | undefined, value: unknown): boolean {
  if (typeof expected === 'string') return value === expected;
  return expected?.test(logicalName(value)) ?? false;
}

/** `{ Ref: 'X' }` and `{ 'Fn::GetAtt': ['X', 'QueueName'] }` are about X. */
function logicalName(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const { Ref, 'Fn::GetAtt': attribute } = value as { Ref?: string; 'Fn::GetAtt'?: [string, string] };
  return Ref ?? attribute?.[0] ?? JSON.stringify(value);
}
