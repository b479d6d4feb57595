/** The loaded plugins. */
import type { PluginFacts } from '../services/plugin-catalogue.ts';
import { builder } from './builder.ts';
import { ContentKindEnum, PluginKindEnum } from './enums.ts';

const PluginType = builder.objectRef<PluginFacts>('Plugin').implement({
  description: 'A plugin that is loaded: built in, or named in STRONGROOM_PLUGINS.',
  fields: (t) => ({
    kind: t.expose('kind', { type: PluginKindEnum, description: 'What it is for.' }),
    name: t.exposeString('name', { description: 'Unique among the plugins of its kind.' }),
    version: t.exposeString('version', { description: "The plugin's own version." }),
    description: t.exposeString('description', { description: 'What it does, one sentence for people who choose.' }),
    builtIn: t.exposeBoolean('builtIn', { description: 'Whether it comes with Strongroom.' }),
    content: t.field({
      type: ContentKindEnum,
      nullable: true,
      description: 'What the data of its sources is; null unless it is a source plugin.',
      resolve: ({ content }) => content,
    }),
    configurationSchema: t.expose('configurationSchema', {
      type: 'JSON',
      description: 'JSON Schema of its configuration, good for drawing a form; secret fields are `writeOnly`.',
    }),
  }),
});

builder.queryField('plugins', (t) =>
  t.field({
    type: [PluginType],
    description: 'The loaded plugins, by kind and name.',
    args: { kind: t.arg({ type: PluginKindEnum, description: 'Only those of this kind.' }) },
    complexity: { field: 1, multiplier: 30 },
    resolve: (_root, { kind }, { services }) => [...services.plugins.list(kind ?? undefined)],
  }),
);
