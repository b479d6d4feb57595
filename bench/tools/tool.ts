/** A backup tool as a scenario sees it. What it answers are seconds, of whole processes. */
export interface Tool {
  readonly name: string;
  /** Where its repository is: a folder, or a file. */
  readonly repository: string;
  /** Makes an empty repository for backups of `source`, a folder or a file, and removes the one before. Not measured. */
  prepare(source: string): Promise<void>;
  backup(): Promise<number>;
  /** Restores the last backup into a folder that does not exist; with a path, only what is there below the source. */
  restore(target: string, path?: string): Promise<number>;
  /** Reads every byte of the last backup and checks it. */
  verify(): Promise<number>;
}

/** A tool that is only compared by its backups. */
export type BackupTool = Omit<Tool, 'restore' | 'verify'>;
