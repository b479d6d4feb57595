/** Tells people and programs what happened. */

/** How much an event matters. */
export type Severity = 'INFO' | 'WARNING' | 'ERROR';

/** One thing that happened, as notifiers get it. Holds no secret. */
export interface NotifierEvent {
  readonly id: string;
  /** What happened, for instance `backup.failed`. */
  readonly type: string;
  readonly severity: Severity;
  readonly occurredAt: Date;
  /** One line in words. */
  readonly summary: string;
  /** The objects it is about, by type and global id. */
  readonly subjects: readonly { readonly type: string; readonly id: string; readonly name: string }[];
}

/** A way to be told. Both methods may be called again after a failure; delivery is at least once. */
export interface Notifier extends AsyncDisposable {
  /** Resolves when the event is delivered; throws `NOTIFIER_UNAVAILABLE` where a retry may help. */
  notify(event: NotifierEvent, signal: AbortSignal): Promise<void>;
  /** Delivers a message that says it is a test. */
  test(signal: AbortSignal): Promise<void>;
}
