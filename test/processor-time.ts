/**
 * Starts a clock that counts this process' processor time, in milliseconds. Tests and benchmarks bound
 * and measure work with it: unlike the wall clock it does not run while others have the cores.
 * @returns a function that says how much has been used since
 */
export function startProcessorClock(): () => number {
  const start = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  };
}
