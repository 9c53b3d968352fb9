import { type Fate, type FaultPlan, NO_FAULTS, SERVICES, type Service, treatmentOf } from './fault-plan.ts';
import { startProxy } from './proxy.ts';

export type Endpoints = Readonly<Record<Service, string>>;
export type EndpointVariable = `AWS_ENDPOINT_URL_${Uppercase<Service>}`;

/** Proxies between a program and the services that it calls. */
export interface Proxies {
  /**
   * How often each operation was called, such as `s3:GetObject` or `dynamodb:PutItem`, with
   * `+version` added for one version of an object.
   */
  readonly calls: ReadonlyMap<string, number>;
  /** How many calls ended in each way. */
  readonly fates: ReadonlyMap<Fate, number>;
  readonly endpoints: Endpoints;
  /** Variables that lead the clients of an SDK to these proxies. */
  readonly variables: Readonly<Record<EndpointVariable, string>>;
  /** From now on every call is passed on at once. */
  endFaults(): void;
  close(): Promise<void>;
}

/**
 * Starts a proxy for each service.
 * @param targets endpoints of the services
 * @param plan what happens to the calls; if left out, they are only counted
 * @param onCall is told of every call, such as `s3:GetObject`, with its resource: see `resourceOf`
 */
export async function startProxies(
  targets: Endpoints,
  plan: FaultPlan = NO_FAULTS,
  onCall?: (name: string, resource: string) => void,
): Promise<Proxies> {
  const calls = new Map<string, number>();
  const fates = new Map<Fate, number>();
  let treated = plan;
  const started = await Promise.all(
    SERVICES.map(async (service) => {
      const treat = (operation: string, resource: () => string) => {
        const name = `${service}:${operation}`;
        onCall?.(name, resource());
        const count = calls.get(name) ?? 0;
        calls.set(name, count + 1);
        const treatment = treatmentOf(treated, service, operation, count);
        fates.set(treatment.fate, (fates.get(treatment.fate) ?? 0) + 1);
        return treatment;
      };
      return [service, await startProxy({ service, target: targets[service], treat })] as const;
    }),
  );
  const endpoints = started.map(([service, { endpoint }]) => [service, endpoint] as const);
  return {
    calls,
    fates,
    endpoints: Object.fromEntries(endpoints) as Endpoints,
    variables: Object.fromEntries(
      endpoints.map(([service, endpoint]) => [`AWS_ENDPOINT_URL_${service.toUpperCase()}`, endpoint]),
    ) as Proxies['variables'],
    endFaults() {
      treated = NO_FAULTS;
    },
    async close() {
      await Promise.all(started.map(([, proxy]) => proxy.close()));
    },
  };
}
