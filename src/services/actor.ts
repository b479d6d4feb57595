/** Who or what asks for a change: shown as `initiatedBy` and kept with every event. */
export interface Actor {
  readonly kind: 'token' | 'schedule' | 'system';
  /** The token's or schedule's name; for the system, the part of it. */
  readonly name: string;
}

/** How an actor is written in rows and events: `token:laptop`. */
export const actorName = (actor: Actor): string => `${actor.kind}:${actor.name}`;

/** What a command answers: the id of the row it made or changed. */
export interface Changed {
  readonly id: string;
}

/** A name for sorting and finding things by. */
export interface Label {
  readonly key: string;
  readonly value: string;
}
