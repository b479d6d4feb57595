/** Writes the pages of docs/ that are made from code; with `--check`, fails if one is stale. */
import { builtInPlugins } from '../plugins/index.ts';
import { errorsPage } from './house/errors-page.ts';
import { generate } from './house/generated-file.ts';
import { pluginsPage } from './house/plugins-page.ts';

await generate('docs/errors.md', errorsPage());
await generate('docs/plugins-builtin.md', pluginsPage(builtInPlugins));
