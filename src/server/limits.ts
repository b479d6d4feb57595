/** Every limit on what a client may do to the HTTP server, in one place. Times in milliseconds, sizes in bytes. */
export const serverLimits = {
  /** Body of a request. A key file in base64 has 88 KB. */
  body: 1_000_000,
  /** One message over WebSocket. */
  socketMessage: 1_000_000,
  /** Operations under way on one WebSocket. */
  socketOperations: 100,
  /** WebSockets open at once. */
  sockets: 1_000,
  /** Until a WebSocket must have signed in. */
  socketSignIn: 5_000,
  /** Between pings that keep a WebSocket alive and find dead ones. */
  socketPing: 15_000,
  /** All headers together. */
  headers: 16_384,
  /** Until the headers of a request must be there. */
  headersTime: 10_000,
  /** Until a request must have arrived as a whole. */
  requestTime: 30_000,
  /** An idle connection is kept for the next request. */
  keepAlive: 10_000,
  /** Connections at once. */
  connections: 2_000,
  /** Downloads under way at once; each takes a thread of the engine. */
  downloads: 8,
  /** A download link is good for so long. */
  downloadLink: 10 * 60_000,
  /** A client that takes nothing of a download for so long is left. */
  downloadStall: 60_000,
  /** Open requests may end for so long after the service was told to stop. */
  drain: 5_000,
  /** The catalogue must answer `/readyz` within this. */
  ready: 2_000,
} as const;
