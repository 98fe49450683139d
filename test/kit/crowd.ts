/** Many phones of SIPp behind one port, registered at an organization of their own: callers, and those who are called. */
import { runLoad } from '../../bench/kit/sipp.ts';
import type { Record } from './office.ts';
import type { System } from './system.ts';

export interface Line {
  extension: string;
  username: string;
  password: string;
}

/** What the scenarios want of a caller. */
export const credentials = ({ username, password }: Line): [string, string] => [
  username,
  `[authentication username=${username} password=${password}]`,
];

/** An organization without limits, with extensions of one phone each from `first` on, applied. */
export class Crowd {
  readonly system: System;
  readonly slug: string;

  private constructor(system: System, slug: string) {
    this.system = system;
    this.slug = slug;
  }

  static async open(system: System, slug: string): Promise<Crowd> {
    const limits = { concurrentCalls: 100_000, callsPerSecond: 100_000 };
    await system.api.createOrganization({ body: { slug, name: slug, country: 'GB', limits } });
    return new Crowd(system, slug);
  }

  async lines(first: number, count: number): Promise<Line[]> {
    const { api } = this.system;
    const params = { org: this.slug };
    const made: Line[] = [];
    for (let i = 0; i < count; i += 1) {
      const extension = String(first + i);
      await api.createExtension({ params, body: { number: extension, name: `Person ${extension}` } });
      const { username, password } = await api.createDevice({ params, body: { extension } });
      made.push({ extension, username, password });
    }
    await api.applyDraft({ params, body: {} });
    return made;
  }

  /** From where they register they are called. The port must be free. */
  async register(lines: readonly Line[], localPort: number): Promise<void> {
    const result = await runLoad({
      scenario: 'register',
      sipPort: this.system.installation.sipPort,
      localPort,
      rows: lines.map((line) => [...credentials(line), line.username]),
      rate: 100,
      calls: lines.length,
    });
    if (result.failed > 0) throw new Error(`${result.failed} phones could not register:\n${result.errors}`);
  }

  /** How many calls are on record. */
  async recorded(): Promise<number> {
    return (await this.records()).length;
  }

  /** Records of all calls, or of those with this result; newest first. */
  async records(result?: string): Promise<Record[]> {
    const records: Record[] = [];
    let cursor: string | null = null;
    do {
      const page: { items: Record[]; nextCursor: string | null } = await this.system.api.listCalls({
        params: { org: this.slug },
        query: { limit: 200, ...(cursor === null ? {} : { cursor }) },
      });
      records.push(...page.items.filter((call) => result === undefined || call.result === result));
      cursor = page.nextCursor;
    } while (cursor !== null);
    return records;
  }

  async close(): Promise<void> {
    await this.system.api.deleteOrganization({
      params: { org: this.slug },
      query: { confirm: this.slug, calls: 'end', erase: 'now' },
    });
  }
}
