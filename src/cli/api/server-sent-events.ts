/** Reads a `text/event-stream` body: https://html.spec.whatwg.org/multipage/server-sent-events.html */

export interface ServerSentEvent {
  readonly event: string;
  readonly data: string;
}

/** Longest event that is accepted, in characters; a server that sends more is not one of ours. */
const LONGEST_EVENT = 4 * 1024 * 1024;

function parseBlock(block: string): ServerSentEvent | undefined {
  let event = 'message';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /u, '');
    if (field === 'event') event = value;
    if (field === 'data') data.push(value);
  }
  return event === 'message' && data.length === 0 ? undefined : { event, data: data.join('\n') };
}

/** The events of a body, as they come. Comments (keep-alives) are left out. */
export async function* serverSentEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder();
  let pending = '';
  for await (const bytes of body) {
    const text = pending + decoder.decode(bytes, { stream: true });
    // A carriage return at the very end may be half of a line end: it waits for its other half.
    const cut = text.endsWith('\r') ? text.length - 1 : text.length;
    const blocks = text.slice(0, cut).replaceAll(/\r\n?/gu, '\n').split('\n\n');
    pending = (blocks.pop() ?? '') + text.slice(cut);
    if (pending.length > LONGEST_EVENT) throw new RangeError('an event of the server is longer than 4 MiB');
    for (const block of blocks) {
      const event = parseBlock(block);
      if (event !== undefined) yield event;
    }
  }
}
