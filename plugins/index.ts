/**
 * The plugins that come with Strongroom: an explicit list, in the order in which they are shown. What only databases need is imported when a
 * source of that kind is made: it is much, and most threads never do.
 */
import type { Plugin } from '../src/contracts/index.ts';
import { builtInCodecs } from './codecs.ts';
import configuration from './source/configuration/index.ts';
import directory from './source/directory/index.ts';
import mysql from './source/mysql/index.ts';
import postgres from './source/postgres/index.ts';
import sqlite from './source/sqlite/index.ts';
import filesystem from './storage/filesystem.ts';

export const builtInPlugins: readonly Plugin[] = [
  filesystem,
  ...builtInCodecs,
  directory,
  configuration,
  sqlite,
  postgres,
  mysql,
];
