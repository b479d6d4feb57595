/** Definitions as a script for the server's client: what a person needs who has nothing but the files. */
import { advance } from './definition.ts';
import type { DatabaseFacts, Program, TableFacts } from './facts.ts';
import { quoted } from './quoting.ts';

/** Ends what holds semicolons itself; a comment in it that held this would be a strange one. */
const DELIMITER = '$$strongroom$$';

/** Tables first, then all that names them. Rows follow by `LOAD DATA`, whose words the script gives. */
export function scriptOf({ server, database, characterSet, collation, tables, programs }: DatabaseFacts): Buffer {
  const lines = [
    `-- Database ${oneLine(database)} of ${server.flavour} ${oneLine(server.version)}`,
    `-- Rows of a table are in the files tables/<table>/*, for each of them:`,
    `-- LOAD DATA LOCAL INFILE '<file>' INTO TABLE <table> CHARACTER SET binary FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' (<columns>);`,
    `-- with the columns as they are in CREATE TABLE, those that are computed left out.`,
    `SET NAMES utf8mb4;`,
    `SET time_zone = '+00:00', foreign_key_checks = 0, unique_checks = 0, sql_mode = 'NO_AUTO_VALUE_ON_ZERO';`,
    `CREATE DATABASE IF NOT EXISTS ${quoted(database)} CHARACTER SET ${characterSet} COLLATE ${collation};`,
    `USE ${quoted(database)};`,
    ...tables
      .filter(({ kind }) => kind !== 'view')
      .toSorted((a, b) => Number(a.kind === 'table') - Number(b.kind === 'table'))
      .flatMap((table) => [
        `${table.create};`,
        ...(table.kind === 'sequence' ? [`${advance(quoted(table.name), table)};`] : []),
      ]),
    // Views may read each other: each is there from the beginning, with columns that mean nothing.
    ...tables.filter(({ kind }) => kind === 'view').map(placeholder),
    `DELIMITER ${DELIMITER}`,
    ...programs.flatMap((program) => [...settingsOf(program), `${statementOf(program)} ${DELIMITER}`]),
    'DELIMITER ;',
  ];
  return Buffer.from(`${lines.join('\n')}\n`);
}

const placeholder = ({ name, columns }: TableFacts): string =>
  `CREATE VIEW ${quoted(name)} AS SELECT ${columns.map((column) => `1 AS ${quoted(column.name)}`).join(', ') || 1};`;

const statementOf = ({ kind, create }: Program): string =>
  kind === 'view' ? create.replace(/^CREATE /, 'CREATE OR REPLACE ') : create;

const settingsOf = ({ sqlMode, collation, timeZone }: Program): readonly string[] => [
  `SET sql_mode = '${sqlMode}', collation_connection = ${collation} ${DELIMITER}`,
  ...(timeZone === null ? [] : [`SET time_zone = '${timeZone.replaceAll("'", "''")}' ${DELIMITER}`]),
];

const oneLine = (text: string): string => text.replaceAll(/\s/g, ' ');
