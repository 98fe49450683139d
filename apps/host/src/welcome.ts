import type { DemoSummary } from '@littlepbx/cli/demo';
import { publicWeb, sipHost } from './install/brain.ts';
import { defaultData, type Installation, pathsOf } from './install/installation.ts';

/** Says how to go on: addresses, logins, phones. */
export function printWelcome(data: string, installation: Installation, demo: DemoSummary | null): void {
  console.log(welcome(data, installation, demo));
}

/** The text of it. */
export function welcome(data: string, installation: Installation, demo: DemoSummary | null): string {
  const web = publicWeb(installation);
  const paths = pathsOf(data);
  const flag = data === defaultData() ? '' : ` --data ${data}`;
  const { sip, rtp } = installation;
  const lines = [
    '',
    'LittlePBX is ready.',
    '',
    `  Page            ${web}`,
    `  API             ${web}/api/v1`,
    `  Documentation   ${web}/api/docs`,
    `  SIP             ${sipHost(installation)}:${sip.port} (UDP, TCP), :${sip.tlsPort} (TLS), media ${rtp.from}-${rtp.to}/udp`,
    `  Operator's key  in ${paths.operatorKey} (the commands below use it)`,
    `  CA for TLS      ${paths.ca} (import it on phones that check certificates)`,
  ];
  if (demo?.operator) lines.push(`  Operator's login  ${demo.operator.email}  password ${demo.operator.password}`);
  for (const organization of demo?.organizations ?? []) {
    lines.push(
      '',
      `  Organization ${organization.slug} (${organization.name}), numbers ${organization.numbers.join(', ')}`,
      ...(organization.admin
        ? [`    admin's login    ${organization.admin.email}  password ${organization.admin.password}`]
        : []),
      `    admin's API key  ${organization.adminToken}`,
    );
  }
  const all = demo?.organizations[0]?.phones ?? [];
  const phones = all.filter((phone, i) => all.findIndex((p) => p.extension === phone.extension) === i).slice(0, 2);
  if (phones.length > 0) lines.push('', '  Two phones to try (any SIP softphone):');
  for (const phone of phones) {
    lines.push(
      `    extension ${phone.extension}:  user ${phone.username}  password ${phone.password}  ` +
        // As it is now: a restored installation may have other ports than the demo was made with.
        `server ${sipHost(installation)}:${sip.port} (${phone.transport})`,
    );
  }
  if (phones[1]) lines.push(`    Dial ${phones[1].extension} on the first phone; *43 is an echo test.`);
  lines.push('', '  What next:');
  if (!demo) {
    lines.push(
      `    ./littlepbx user create --operator --email ADDRESS${flag}   a login to the page`,
      `    ./littlepbx org create --help        make an organization (or: ./littlepbx up --demo${flag})`,
    );
  }
  lines.push(
    `    ./littlepbx org list${flag}`,
    `    ./littlepbx status${flag}`,
    `    ./littlepbx logs -f${flag}`,
    `    ./littlepbx down${flag}`,
  );
  return lines.join('\n');
}
