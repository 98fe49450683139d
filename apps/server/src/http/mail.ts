import { routes } from '@littlepbx/contract';
import type { FastifyInstance } from 'fastify';
import type { Context } from './context.ts';
import { pageOf, serve } from './serve.ts';

export async function mail(app: FastifyInstance, { administration }: Context): Promise<void> {
  serve(app, routes.getMail, ({ actor }) => administration.getMail(actor));
  serve(app, routes.setMailServer, ({ actor, body }) => administration.setMailServer(actor, body));
  serve(app, routes.removeMailServer, ({ actor }) => administration.removeMailServer(actor));
  serve(app, routes.testMail, ({ actor, body }) => administration.testMail(actor, body.to));
  serve(app, routes.listMails, ({ actor, query }) => administration.listMails(actor, pageOf(query)));
  serve(app, routes.retryMail, ({ actor, params }) => administration.retryMail(actor, params.mail));
  serve(app, routes.deleteMail, ({ actor, params }) => administration.deleteMail(actor, params.mail));
}
