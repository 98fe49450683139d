import type { AuditEntryAnswer } from '@littlepbx/contract';
import type { Command } from 'commander';
import { time } from '../output.ts';
import { given, jsonOption, moment, printList, type Session, wholeNumber, withExamples } from '../session.ts';

interface Settings {
  org?: string;
  json?: true;
  author?: string;
  action?: string;
  resource?: string;
  id?: string;
  since?: number;
  until?: number;
  limit: number;
}

export function auditCommand(program: Command, s: Session): void {
  const audit = withExamples(
    program.command('audit').description("who changed what; without --org in the whole installation, the operator's"),
    'audit list --org acme',
    'audit list --org acme --resource device --action deleted --since 2026-01-31',
  );

  audit
    .command('list', { isDefault: true })
    .description('list what was changed, newest first')
    .option('--org <org>', 'short name or id of the organization')
    .option('--author <key>', 'by the key of this id')
    .option('--action <action>', 'created, changed, deleted or another')
    .option('--resource <resource>', 'to this kind of thing, such as device')
    .option('--id <id>', 'to the thing of this id')
    .option('--since <time>', 'at or after', moment)
    .option('--until <time>', 'before', moment)
    .option('--limit <n>', 'how many at most', wholeNumber, 200)
    .addOption(jsonOption())
    .action(async (o: Settings, command: Command) => {
      const client = s.client(command);
      const { org } = o;
      const filter = given({
        author: o.author,
        action: o.action,
        resource: o.resource,
        resourceId: o.id,
        since: o.since,
        until: o.until,
      });
      const rows: AuditEntryAnswer[] = [];
      let cursor: string | null = null;
      do {
        const limit = Math.min(o.limit - rows.length, 200);
        if (limit <= 0) break;
        const query = { ...filter, limit, ...(cursor === null ? {} : { cursor }) };
        const page: { items: AuditEntryAnswer[]; nextCursor: string | null } =
          org === undefined
            ? await client.listInstallationAudit({ query })
            : await client.listAudit({ params: { org }, query });
        rows.push(...page.items);
        cursor = page.nextCursor;
      } while (cursor !== null);
      printList(
        s,
        rows,
        [
          ['AT', (r) => time(r.at)],
          ['BY', (r) => (r.author.kind === 'key' ? r.author.name : `${r.author.name} (${r.author.kind})`)],
          ['FROM', (r) => r.author.address],
          ['WHAT', (r) => `${r.resource} ${r.label ?? r.resourceId} ${r.action}`],
          ['CHANGES', (r) => (r.action === 'changed' ? changesOf(r) : null)],
        ],
        o.json,
      );
    });
}

/** `ringTimeInS 20 -> 25, name A -> B`. */
function changesOf({ changes }: AuditEntryAnswer): string {
  const text = (value: unknown) =>
    value === null ? 'none' : typeof value === 'string' ? value : JSON.stringify(value);
  return Object.entries(changes)
    .map(([field, { before, after }]) => `${field} ${text(before)} -> ${text(after)}`)
    .join(', ');
}
