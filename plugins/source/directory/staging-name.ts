/** Names of the directories in which restores are prepared. */

/** A directory whose name starts so belongs to a restore under way, or to one that died; it is never backed up. */
export const STAGING_PREFIX = '.strongroom-restore-';
