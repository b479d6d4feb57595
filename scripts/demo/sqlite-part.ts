/** The SQLite database of the sample application. */
import { DatabaseSync } from 'node:sqlite';
import { digest } from './fingerprint.ts';

export class SqlitePart {
  readonly path: string;
  readonly rows = 20_000;

  constructor(path: string) {
    this.path = path;
    using database = new DatabaseSync(path);
    database.exec(
      'PRAGMA journal_mode = WAL; CREATE TABLE item (id INTEGER PRIMARY KEY, title TEXT, year INTEGER, scan BLOB)',
    );
    database.exec('BEGIN');
    const insert = database.prepare('INSERT INTO item (title, year, scan) VALUES (?, ?, ?)');
    for (let row = 0; row < this.rows; row++)
      insert.run(`Letter no. ${row}`, 1700 + (row % 250), Buffer.from(`scan ${row % 97}`));
    database.exec('COMMIT');
  }

  /** Returns how many rows changed. */
  change(): number {
    using database = new DatabaseSync(this.path);
    return Number(database.prepare("UPDATE item SET title = title || ' (revised)' WHERE id % 100 = 0").run().changes);
  }

  fingerprint(facts: Map<string, string>): void {
    using database = new DatabaseSync(this.path, { readOnly: true });
    for (const row of database.prepare('SELECT * FROM item ORDER BY id').iterate()) {
      facts.set(`sqlite item ${String(row['id'])}`, digest(JSON.stringify(row)));
    }
  }
}
