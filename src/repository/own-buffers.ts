/** Buffers that go to another thread without a copy. */

/** The buffers that hold nothing but one of these each: they go to another thread without a copy. */
export const ownBuffers = (regions: readonly Uint8Array[]): ArrayBuffer[] =>
  regions.flatMap(({ buffer, byteLength }) =>
    buffer instanceof ArrayBuffer && buffer.byteLength === byteLength && byteLength > 0 ? [buffer] : [],
  );
