/** Everything one test brings into the installation, and takes out again: offices, phones, carriers. */
import { eventually, Phone, type PhoneOptions } from '../phones/index.ts';
import { Office, type OfficeOptions } from './office.ts';
import type { System } from './system.ts';

/** Of this worker: tests of one file run side by side, files one after the other. */
let carriers = 0;
let numbers = 0;

export class Town {
  readonly system: System;
  readonly offices: Office[] = [];
  readonly phones: Phone[] = [];

  constructor(system: System) {
    this.system = system;
  }

  async office(options: OfficeOptions = {}): Promise<Office> {
    const office = await Office.open(this, options);
    this.offices.push(office);
    return office;
  }

  /** A phone that knows the installation as its server. */
  async phone(options: PhoneOptions): Promise<Phone> {
    const { sipPort, tlsPort } = this.system.installation;
    const isTls = options.transport === 'tls';
    const phone = await Phone.create({
      server: '127.0.0.1',
      port: isTls ? tlsPort : sipPort,
      ...(isTls ? { tls: { ca: this.system.ca } } : {}),
      ...options,
    });
    this.phones.push(phone);
    return phone;
  }

  /** A carrier at an address of its own. */
  carrier(options: Partial<PhoneOptions> = {}): Promise<Phone> {
    carriers += 1;
    const localHost = `127.${100 + Math.floor(carriers / 250)}.0.${1 + (carriers % 250)}`;
    return this.phone({ name: `carrier ${carriers}`, username: 'carrier', localHost, ...options });
  }

  /** British, set aside for fiction (Ofcom), so no real phone ever rings. E.164. */
  newNumber(): string {
    numbers += 1;
    return `+442079460${String(numbers % 1000).padStart(3, '0')}`;
  }

  /** Hangs up everything, proves that nothing is left of it, and takes the organizations out again. */
  async close(): Promise<void> {
    await Promise.all(this.phones.map((phone) => phone.close()));
    for (const phone of this.phones) phone.assertQuiet();
    for (const office of this.offices) await this.#isQuiet(office);
    await this.remove();
  }

  async remove(): Promise<void> {
    for (const { slug } of this.offices)
      await this.system.api.deleteOrganization({
        params: { org: slug },
        query: { confirm: slug, calls: 'end', erase: 'now' },
      });
  }

  async explain(): Promise<string> {
    const offices = await Promise.all(this.offices.map((office) => office.explain().catch((error) => String(error))));
    const phones = this.phones.map((phone) => `${phone.name} saw: ${phone.wire.summary(30)}`);
    const channels = await this.system.channels().catch(() => []);
    const ours = channels.filter(({ accountcode }) => this.offices.some(({ id }) => id === accountcode));
    const engine = this.system.engineMessages().slice(-10);
    return [
      ...offices,
      ...phones,
      `channels: ${ours.map(({ name, state }) => `${name} ${state}`).join(', ') || 'none'}`,
      'the engine said last:',
      ...engine,
    ].join('\n');
  }

  async #isQuiet(office: Office): Promise<void> {
    let left = '';
    await eventually(
      async () => {
        const calls = await office.liveCalls();
        left = calls.map((c) => `${c.from} -> ${c.to}, ${c.state}`).join('; ');
        return calls.length === 0 ? true : undefined;
      },
      { reason: () => `calls left over: ${left}` },
    );
    await this.system.hasNoChannel(office.id);
  }
}
