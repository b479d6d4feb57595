/** How sessions must be set so that what one writes as text another one reads as the same values. */

/** Names are then written with their schemas, and nobody can put a function of his own in the place of the system's. */
export const EMPTY_SEARCH_PATH = `SELECT pg_catalog.set_config('search_path', '', false)`;

/**
 * The settings that texts of values depend on, as `pg_dump` has them, and `lc_monetary`, which it leaves alone, for the type `money`.
 * Nothing of what a database has for its users' patience applies.
 */
export const PORTABLE_TEXT = [
  EMPTY_SEARCH_PATH,
  `SET DateStyle = 'ISO, MDY'`,
  `SET IntervalStyle = 'postgres'`,
  `SET TimeZone = 'UTC'`,
  `SET extra_float_digits = 3`,
  `SET bytea_output = 'hex'`,
  `SET lc_monetary = 'C'`,
  `SET xmloption = 'content'`,
  `SET xmlbinary = 'base64'`,
  `SET synchronize_seqscans = off`,
  `SET row_security = off`,
  `SET statement_timeout = 0`,
  `SET lock_timeout = 0`,
  `SET idle_in_transaction_session_timeout = 0`,
].join('; ');
