/** One lane: takes tasks one by one and answers each. Everything here is synchronous. */
import { release } from '../contracts/index.ts';
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { asStrongroomError, errorToData } from '../errors.ts';
import { ChunkSet } from './chunk-table.ts';
import { Chunker } from './chunker.ts';
import { ObjectKind } from './format.ts';
import { KeyedHasher } from './hashing.ts';
import type { LaneAnswer, LaneMessage, LaneSetup, Supply, TaskMessage } from './lane-protocol.ts';
import { FileStore } from './lane-store.ts';
import { PackVerifier } from './lane-verify.ts';
import { FileWriter } from './lane-write.ts';
import { makeTools, type CodecSource } from './opened-repository.ts';
import { type Pack, PackWriter } from './pack-writer.ts';

/** The two ports of a lane. */
export interface LanePorts {
  /** Tasks come in, messages go out. */
  readonly main: MessagePort;
  /** Read synchronously, while the lane waits in the middle of a task. */
  readonly supply: MessagePort;
}

/** Serves tasks until the thread ends. */
export function serveLane(setup: LaneSetup, ports: LanePorts, codecs: CodecSource): void {
  const tools = makeTools(setup.repository, codecs);
  const { description, keys } = tools;
  const post = (message: LaneMessage): void => ports.main.postMessage(message);
  const supplies = new Supplies(setup, ports.supply);

  const chunks = new ChunkSet(setup.chunks, (capacity) => {
    post({ kind: 'wantLevel', levels: chunks.levels, capacity });
    const before = chunks.levels;
    supplies.waitUntil(() => chunks.levels > before);
  });
  supplies.onLevel = (level) => chunks.addLevel(level);

  const deliver = ({ kind, id, bytes, envelope, directory }: Pack): void => {
    const { buffer } = bytes;
    if (!(buffer instanceof SharedArrayBuffer)) throw new RangeError('A pack lies in a buffer that was not supplied.');
    post({ kind: 'pack', pack: { packKind: kind, id, buffer, length: bytes.length, envelope, directory } });
  };
  const takeBuffer = (): Buffer => {
    post({ kind: 'wantBuffer' });
    supplies.waitUntil(() => supplies.buffers.length > 0);
    const buffer = supplies.buffers.pop();
    if (buffer === undefined) throw new RangeError('No buffer was supplied.');
    return Buffer.from(buffer);
  };
  const packs = new PackWriter(ObjectKind.dataPack, tools.sealing, tools.codecs, description, takeBuffer, deliver);
  const hasher = new KeyedHasher(keys.chunkId);
  const store = new FileStore(new Chunker(description.chunker, keys.gear), hasher, chunks, packs);
  const writer = new FileWriter(tools, hasher);
  const verifier = new PackVerifier(tools, hasher);

  const perform = ({ task, work }: TaskMessage): LaneAnswer => {
    supplies.take();
    switch (work.kind) {
      case 'storeFiles':
        return store.files(work.files, (ahead) => post({ kind: 'ids', task, ...ahead }));
      case 'storeChunks':
        return releasing(work.bytes, () => store.chunks(work.bytes, work.lengths));
      case 'flush':
        packs.flush();
        return { kind: 'flush' };
      case 'writeFiles':
        return { kind: 'writeFiles', errors: writer.write(work.regions, work.blocks, work.orders) };
      case 'verifyPack':
        return releasing(work.bytes, () => ({
          kind: 'verifyPack',
          damage: verifier.verify(work.id, work.bytes, work.blocks),
        }));
    }
  };

  ports.main.on('message', (message: TaskMessage) => {
    try {
      post({ kind: 'answer', task: message.task, answer: perform(message) });
    } catch (error) {
      post({ kind: 'failed', task: message.task, error: errorToData(asStrongroomError(error)) });
    }
  });
}

function releasing<T>(bytes: Uint8Array, work: () => T): T {
  try {
    return work();
  } finally {
    release(bytes);
  }
}

/** What the coordinator hands in while the lane is in the middle of a task. */
class Supplies {
  readonly buffers: SharedArrayBuffer[] = [];
  onLevel: (level: Extract<Supply, { readonly kind: 'level' }>['level']) => void = () => undefined;
  readonly #supplied: Int32Array;
  readonly #port: MessagePort;

  constructor(setup: LaneSetup, port: MessagePort) {
    this.#supplied = new Int32Array(setup.supplied);
    this.#port = port;
  }

  /** Takes in what has come, without waiting. */
  take(): void {
    for (let next = receiveMessageOnPort(this.#port); next !== undefined; next = receiveMessageOnPort(this.#port)) {
      const supply = next.message as Supply;
      if (supply.kind === 'buffer') this.buffers.push(supply.buffer);
      else this.onLevel(supply.level);
    }
  }

  /** Blocks this thread until the coordinator has supplied what makes `ready` true. */
  waitUntil(ready: () => boolean): void {
    for (;;) {
      const seen = Atomics.load(this.#supplied, 0);
      this.take();
      if (ready()) return;
      Atomics.wait(this.#supplied, 0, seen);
    }
  }
}
