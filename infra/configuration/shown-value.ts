/** Shows a wrong value in an error: as JSON, or by its class where it is a construct. */
export function shownValue(value: unknown): string {
  const maker: unknown = Object(value).constructor;
  if (typeof value === 'object' && typeof maker === 'function' && maker !== Object && maker !== Array) {
    return `an object of the class ${maker.name}`;
  }
  return JSON.stringify(value) ?? String(value);
}
