/** The company's logo, as its pages show it. Typed by its content: what is called an image may be a page with scripts. */
import { type Access, notFound, ok, refuse } from './access.ts';
import type { Administration } from './administration.ts';
import { organizationView } from './organizations.ts';
import type { Logo } from './stores.ts';

/** Bytes. */
export const MAX_LOGO = 256 * 1024;

/** By its first bytes; null for all else, SVG among it. */
export function logoTypeOf(content: Buffer): Logo['type'] | null {
  if (content.subarray(0, 8).equals(Buffer.from('89504e470d0a1a0a', 'hex'))) return 'image/png';
  if (content.subarray(0, 3).equals(Buffer.from('ffd8ff', 'hex'))) return 'image/jpeg';
  const isRiff = content.subarray(0, 4).toString('latin1') === 'RIFF';
  return isRiff && content.subarray(8, 12).toString('latin1') === 'WEBP' ? 'image/webp' : null;
}

type UseCases = Pick<Administration, 'setLogo' | 'removeLogo' | 'getLogo' | 'siteLogo'>;

export function logoUseCases(access: Access): UseCases {
  const { secrets, stores: all } = access.ports;
  const write = { scope: 'organizations:write', operatorOnly: true, write: true } as const;
  return {
    setLogo: (actor, org, content) =>
      access.inOrganization(actor, org, write, async (stores, row) => {
        const type = logoTypeOf(content);
        if (type === null) return refuse({ id: 'image-invalid', message: 'it must be a PNG, JPEG or WebP image' });
        if (content.length > MAX_LOGO) {
          return refuse({ id: 'too-large', message: `a logo may have ${MAX_LOGO / 1024} KiB at most` });
        }
        const logoTag = secrets.sha256(content.toString('latin1')).slice(0, 16);
        await stores.organizations.putLogo(row.id, { type, content });
        await stores.organizations.update(row.id, { logoTag });
        return ok(await organizationView(stores, { ...row, logoTag }));
      }),

    removeLogo: (actor, org) =>
      access.inOrganization(actor, org, write, async (stores, row) => {
        await stores.organizations.putLogo(row.id, null);
        await stores.organizations.update(row.id, { logoTag: null });
        return ok(null);
      }),

    getLogo: (actor, org) =>
      access.inOrganization(actor, org, { scope: 'organizations:read', forUsers: true }, async (stores, row) => {
        const logo = await stores.organizations.logo(row.id);
        return logo ? ok(logo) : notFound();
      }),

    siteLogo: (slug) =>
      access.guard(() =>
        all.asOperator(async ({ organizations }) => {
          const row = await organizations.named(slug);
          const logo = row && !row.isSuspended ? await organizations.logo(row.id) : null;
          return logo ? ok(logo) : notFound();
        }),
      ),
  };
}
