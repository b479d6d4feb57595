/** Ids of rows: UUIDs of version 7 (RFC 9562, section 5.7), which sort by the time they were made. */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';

export type Ids = () => string;

export const createIds =
  (clock: Clock): Ids =>
  () => {
    const bytes = randomBytes(16);
    bytes.writeUIntBE(clock.now().getTime(), 0, 6);
    bytes[6] = 0x70 | (bytes.readUInt8(6) & 0x0f);
    bytes[8] = 0x80 | (bytes.readUInt8(8) & 0x3f);
    return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  };
