import type { Trunk } from '@littlepbx/core/tenancy/organization';
import type { TrunkStore } from '@littlepbx/core/tenancy/stores';
import type { Insertable, Selectable } from 'kysely';
import type { Cipher } from '../cipher.ts';
import type { Database } from '../schema.ts';
import type { Transaction } from '../tenant-db.ts';
import { isUuid } from '../uuid.ts';

function trunkOf(row: Selectable<Database['trunk']>, cipher: Pick<Cipher, 'decrypt'>): Trunk {
  return {
    id: row.id,
    name: row.name,
    isInbound: row.is_inbound,
    isOutbound: row.is_outbound,
    host: row.host,
    port: row.port,
    transport: row.transport,
    register: row.register,
    username: row.username,
    authUsername: row.auth_username,
    password: row.password_encrypted && cipher.decrypt(row.id, row.password_encrypted),
    outboundProxy: row.outbound_proxy,
    fromUser: row.from_user,
    fromDomain: row.from_domain,
    verifyCertificate: row.verify_certificate,
    certificateAuthority: row.certificate_authority,
    codecs: row.codecs as Trunk['codecs'],
    addresses: row.addresses,
  };
}

export function trunkStore(trx: Transaction, cipher: Pick<Cipher, 'encrypt' | 'decrypt'>): TrunkStore {
  const trunks = (organizationId: string) =>
    trx.selectFrom('trunk').selectAll().where('organization_id', '=', organizationId).orderBy('id');

  const columns = (organizationId: string, t: Trunk): Insertable<Database['trunk']> => ({
    id: t.id,
    organization_id: organizationId,
    name: t.name,
    is_inbound: t.isInbound,
    is_outbound: t.isOutbound,
    host: t.host,
    port: t.port,
    transport: t.transport,
    register: t.register,
    username: t.username,
    auth_username: t.authUsername,
    password_encrypted: t.password === null ? null : cipher.encrypt(t.id, t.password),
    outbound_proxy: t.outboundProxy,
    from_user: t.fromUser,
    from_domain: t.fromDomain,
    verify_certificate: t.verifyCertificate,
    certificate_authority: t.certificateAuthority,
    codecs: t.codecs,
    addresses: t.addresses,
  });

  return {
    async list(organizationId, { after, limit }) {
      const query = trunks(organizationId).limit(limit);
      const rows = await (after === null ? query : query.where('id', '>', after)).execute();
      return rows.map((row) => trunkOf(row, cipher));
    },
    async all(organizationId) {
      return (await trunks(organizationId).execute()).map((row) => trunkOf(row, cipher));
    },
    async get(organizationId, id) {
      if (!isUuid(id)) return null;
      const row = await trunks(organizationId).where('id', '=', id).executeTakeFirst();
      return row ? trunkOf(row, cipher) : null;
    },
    async insert(organizationId, trunk) {
      await trx.insertInto('trunk').values(columns(organizationId, trunk)).execute();
    },
    async update(organizationId, trunk) {
      const { id, organization_id, ...set } = columns(organizationId, trunk);
      await trx
        .updateTable('trunk')
        .set(set)
        .where('organization_id', '=', organization_id)
        .where('id', '=', id)
        .execute();
    },
    async delete(organizationId, id) {
      await trx.deleteFrom('trunk').where('organization_id', '=', organizationId).where('id', '=', id).execute();
    },
  };
}
