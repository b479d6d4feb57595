/** A backup tool as a scenario sees it. All times in seconds. */
export interface Tool extends AsyncDisposable {
  readonly name: string;
  /** Makes an empty repository for this round; not measured. */
  prepare(): Promise<void>;
  backup(source: string): Promise<number>;
  /** Restores the last backup into a folder that does not exist; absent where the tool is only compared by its backup. */
  restore?(target: string): Promise<number>;
  /** Size of the repository in MB. */
  size(): Promise<number>;
}
