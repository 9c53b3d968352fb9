/** The settings of the monitoring, by the names of their configuration keys. */
export const MONITORING_SETTINGS = ['alarmEmail', 'monthlyBudgetUsd', 'budgetTag'] as const;
