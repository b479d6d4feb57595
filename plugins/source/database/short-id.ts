/** What a restore calls what it makes, stable over its attempts. */
import { createHash } from 'node:crypto';

/** Part of every name of a restore: 8 hexadecimal digits. */
export const shortId = (restoreId: string): string => createHash('sha256').update(restoreId).digest('hex').slice(0, 8);
