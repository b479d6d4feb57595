/** The running service itself. */
import { builder } from './builder.ts';
import type { ServerFacts } from './context.ts';

const ServerType = builder.objectRef<ServerFacts>('Server').implement({
  description: 'The running service.',
  fields: (t) => ({
    version: t.exposeString('version', { description: 'Version of Strongroom.' }),
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When this process started.' }),
    roots: t.stringList({
      description: 'Folders on the machine of the service that file sources and restore targets may lie in.',
      resolve: ({ roots }) => [...roots],
    }),
  }),
});

builder.queryField('server', (t) =>
  t.field({
    type: ServerType,
    description: 'Facts about the running service.',
    resolve: (_root, _args, { server }) => server,
  }),
);
