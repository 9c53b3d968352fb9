import { createRoleCommand, SERVICE_LINKED_ROLES } from '../../functions/service-linked-roles.ts';
import { markdownTable } from './markdown-table.ts';

/** The roles that an account must have, and the commands that create them. */
export function roleTable(): string {
  const rows = SERVICE_LINKED_ROLES.map((role) => [
    `\`${role.neededFor}\``,
    `\`${role.name}\``,
    role.purpose,
    `\`${createRoleCommand(role)}\``,
  ]);
  return markdownTable(['needed for', 'role', 'what the service does with it', 'command'], rows);
}
