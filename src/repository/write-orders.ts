/** What one task has a lane write, in a form that crosses threads as four buffers, however many files there are. */
import { asBuffer } from './bytes.ts';
import { ID_BYTES } from './format.ts';

/** A piece of a file to be written: one chunk. */
export interface PieceToWrite {
  /** Position in `blocks` of the same task. */
  readonly block: number;
  readonly id: Uint8Array;
  /** Of the chunk in its opened block. */
  readonly offset: number;
  readonly length: number;
  /** Where in the file. */
  readonly at: number;
}

export interface FileToWrite {
  readonly path: Uint8Array;
  /** True: made anew, exclusively. False: exists already, other tasks write its other pieces. */
  readonly create: boolean;
  readonly size: number;
  /** Permission bits of a file that is made anew. */
  readonly mode: number;
  /** Leave holes where a piece is all zero. */
  readonly sparse: boolean;
  readonly pieces: readonly PieceToWrite[];
}

/** Files with their pieces. Plain data; every buffer may be transferred. */
export interface WriteOrders {
  /** The paths, one after another. */
  readonly paths: Uint8Array<ArrayBuffer>;
  /** For each file: length of its path, create, size, mode, sparse, number of pieces. */
  readonly files: Float64Array<ArrayBuffer>;
  /** For each piece: block, offset, length, at. */
  readonly pieces: Float64Array<ArrayBuffer>;
  /** For each piece: the id of its chunk. */
  readonly ids: Uint8Array<ArrayBuffer>;
}

const FILE = 6;
const PIECE = 4;

export function encodeOrders(files: readonly FileToWrite[]): WriteOrders {
  let count = 0;
  let pathBytes = 0;
  for (const { pieces, path } of files) {
    count += pieces.length;
    pathBytes += path.length;
  }
  const orders: WriteOrders = {
    paths: new Uint8Array(pathBytes),
    files: new Float64Array(files.length * FILE),
    pieces: new Float64Array(count * PIECE),
    ids: new Uint8Array(count * ID_BYTES),
  };
  let at = 0;
  let piece = 0;
  files.forEach(({ path, create, size, mode, sparse, pieces }, file) => {
    orders.files.set([path.length, Number(create), size, mode, Number(sparse), pieces.length], file * FILE);
    orders.paths.set(path, at);
    at += path.length;
    for (const { block, id, offset, length, at: target } of pieces) {
      orders.pieces.set([block, offset, length, target], piece * PIECE);
      orders.ids.set(id, piece * ID_BYTES);
      piece += 1;
    }
  });
  return orders;
}

/** The files in the order given, over the memory of the orders. */
export function* decodeOrders(orders: WriteOrders): Generator<FileToWrite> {
  const paths = asBuffer(orders.paths);
  let at = 0;
  let piece = 0;
  for (let file = 0; file < orders.files.length; file += FILE) {
    const [length = 0, create, size = 0, mode = 0, sparse, count = 0] = orders.files.subarray(file, file + FILE);
    const pieces = Array.from({ length: count }, (_, index) => pieceAt(orders, piece + index));
    yield { path: paths.subarray(at, at + length), create: create === 1, size, mode, sparse: sparse === 1, pieces };
    at += length;
    piece += count;
  }
}

function pieceAt({ pieces, ids }: WriteOrders, piece: number): PieceToWrite {
  const [block = 0, offset = 0, length = 0, at = 0] = pieces.subarray(piece * PIECE, (piece + 1) * PIECE);
  return { block, id: ids.subarray(piece * ID_BYTES, (piece + 1) * ID_BYTES), offset, length, at };
}

/** What may be transferred of the orders. */
export const buffersOf = ({ paths, files, pieces, ids }: WriteOrders): ArrayBuffer[] => [
  paths.buffer,
  files.buffer,
  pieces.buffer,
  ids.buffer,
];
