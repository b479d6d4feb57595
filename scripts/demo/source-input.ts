/** A source as `createSource` takes it. */
export interface SourceInput {
  readonly name: string;
  readonly plugin: string;
  readonly configuration: Readonly<Record<string, unknown>>;
}
