import filesystem from '../../../plugins/storage/filesystem.ts';
import { storageConformance } from '../../../src/contracts/testing/index.ts';
import { makeTempDir } from '../../support/temp-dir.ts';

storageConformance('filesystem', async () => {
  const folder = await makeTempDir('filesystem');
  const host = { allowedPath: async (path: string) => path };
  return {
    open: () => filesystem.create({ path: folder.join('made', 'when-needed') }, host),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
});
