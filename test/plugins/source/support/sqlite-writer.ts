/** Moves money between two tables without end, in a process of its own: the sum never changes. Path as its argument. */
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';

const database = new DatabaseSync(process.argv[2] ?? '', { timeout: 10_000 });
const from = database.prepare('UPDATE checking SET amount = amount - 1 WHERE id = ?');
const to = database.prepare('UPDATE savings SET amount = amount + 1 WHERE id = ?');
for (let round = 0; ; round++) {
  await setTimeout(1);
  database.exec('BEGIN IMMEDIATE');
  from.run((round % 1_000) + 1);
  to.run((round % 1_000) + 1);
  database.exec('COMMIT');
  if (round === 0) console.log('writing');
}
