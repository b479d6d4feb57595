/** What GraphiQL opens with: one tab a task, in the order in which a newcomer needs them. */

const welcome = `# Welcome to Strongroom.
#
# 1. Put your token into "Headers" below, in place of the stars.
# 2. Run a tab with Ctrl-Enter; the tabs above lead from an application to its restored backup.
# 3. What a field means is in the documentation at the left, and in the completion (Ctrl-Space).

query Start {
  server { version startedAt roots }
  viewer { name createdAt lastUsedAt }
  workloads { totalCount nodes { id name sources { id name plugin } lastBackup { name status completedAt } } }
  repositories { totalCount nodes { id name storage { plugin configuration } } }
}`;

const examples: readonly string[] = [
  welcome,
  `# What can be backed up, and where to. The schema of a plugin says what its configuration holds.
query Plugins {
  plugins { kind name description content configurationSchema }
}`,
  `# Where backups are kept. Keep the passphrase safe: without it nothing can ever be read again.
mutation CreateRepository {
  createRepository(input: {
    name: "local"
    storage: { plugin: "filesystem", configuration: { path: "/srv/backups/strongroom" } }
    passphrase: "correct horse battery staple"
  }) {
    __typename
    ... on Repository { id repositoryId keySlots { slot kind } }
    ... on Error { code message help }
  }
}`,
  `# An application, and one part of it.
mutation CreateWorkload {
  createWorkload(input: { name: "shop", labels: [{ key: "stage", value: "production" }] }) {
    __typename
    ... on Workload { id name }
    ... on Error { code message help }
  }
}

mutation CreateSource {
  createSource(input: {
    workloadId: "PASTE THE WORKLOAD'S ID"
    name: "uploads"
    plugin: "directory"
    configuration: { path: "/srv/shop/uploads" }
  }) {
    __typename
    ... on Source { id name content secretsSet }
    ... on Error { code message help }
  }
}`,
  `# Back it up.
mutation CreateBackup {
  createBackup(input: {
    workloadId: "PASTE THE WORKLOAD'S ID"
    repositoryId: "PASTE THE REPOSITORY'S ID"
    type: FULL
  }) {
    __typename
    ... on Backup { id name status }
    ... on Error { code message help }
  }
}`,
  `# Watch it live.
subscription BackupProgress {
  backupProgress(id: "PASTE THE BACKUP'S ID") {
    status phase currentItem
    itemsDone itemsTotal bytesDone bytesTotal addedBytes bytesPerSecond secondsLeft
    warningCount finished error { message help }
  }
}`,
  `# What there is, newest first.
query Backups {
  backups(first: 20, filter: { status: [SUCCEEDED, PARTIAL] }) {
    totalCount
    nodes {
      id name type status workload { name } repository { name }
      logicalBytes addedBytes storedBytes files unchangedFiles durationSeconds verified
      warnings(first: 5) { subject message }
    }
    pageInfo { hasNextPage endCursor }
  }
}`,
  `# Look inside, and fetch one file by a link.
query LookInside {
  backup(id: "PASTE THE BACKUP'S ID") {
    name
    tree(path: "/files/uploads", first: 100) {
      nodes { name path kind size modifiedAt }
      pageInfo { hasNextPage endCursor }
    }
    downloadUrl(path: "/files/uploads/hello.txt") { url expiresAt }
  }
}`,
  `# Check every byte of it.
mutation VerifyBackup {
  verifyBackup(input: { id: "PASTE THE BACKUP'S ID" }) {
    __typename
    ... on Verification { id status }
    ... on Error { code message help }
  }
}`,
  `# What would a restore do? Nothing is changed by asking.
query PreviewRestore {
  previewRestore(input: {
    backupId: "PASTE THE BACKUP'S ID"
    target: { kind: DIRECTORY, path: "/srv/restored" }
  }) {
    __typename
    ... on RestorePreview { added changed kept conflicts bytes items { action subject bytes reason } }
    ... on Error { code message help }
  }
}`,
  `# Put it back.
mutation RestoreBackup {
  restoreBackup(input: {
    backupId: "PASTE THE BACKUP'S ID"
    target: { kind: DIRECTORY, path: "/srv/restored" }
    conflictPolicy: FAIL
  }) {
    __typename
    ... on Restore { id status type }
    ... on Error { code message help }
  }
}`,
];

/** The headers that the editor opens with. */
export const exampleHeaders = JSON.stringify({ authorization: 'Bearer ***' }, null, 2);

/** The tabs that GraphiQL opens with. */
export const exampleTabs: { query: string; headers: string }[] = examples.map((query) => ({
  query,
  headers: exampleHeaders,
}));
