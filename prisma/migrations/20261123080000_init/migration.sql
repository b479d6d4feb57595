-- CreateEnum
CREATE TYPE "content_kind" AS ENUM ('DATABASE', 'FILES', 'CONFIGURATION');

-- CreateEnum
CREATE TYPE "backup_type" AS ENUM ('FULL', 'DATABASE', 'FILES', 'INCREMENTAL', 'CONFIGURATION');

-- CreateEnum
CREATE TYPE "run_status" AS ENUM ('QUEUED', 'RUNNING', 'SUCCEEDED', 'PARTIAL', 'FAILED', 'CANCELLED');

-- CreateEnum
CREATE TYPE "conflict_policy" AS ENUM ('FAIL', 'OVERWRITE', 'SKIP');

-- CreateEnum
CREATE TYPE "restore_type" AS ENUM ('EVERYTHING', 'DATABASE', 'FILES', 'CONFIGURATION', 'SELECTION');

-- CreateEnum
CREATE TYPE "restore_target_kind" AS ENUM ('IN_PLACE', 'DIRECTORY', 'DATABASE');

-- CreateEnum
CREATE TYPE "verification_level" AS ENUM ('DATA');

-- CreateEnum
CREATE TYPE "event_severity" AS ENUM ('INFO', 'WARNING', 'ERROR');

-- CreateTable
CREATE TABLE "workload" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "labels" JSONB NOT NULL DEFAULT '[]',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "workload_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "source" (
    "id" UUID NOT NULL,
    "workload_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "plugin" TEXT NOT NULL,
    "content" "content_kind" NOT NULL,
    "configuration" JSONB NOT NULL DEFAULT '{}',
    "sealed_secrets" BYTEA,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "source_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "repository" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "storage_plugin" TEXT NOT NULL,
    "storage_configuration" JSONB NOT NULL DEFAULT '{}',
    "sealed_storage_secrets" BYTEA,
    "compressor_plugin" TEXT NOT NULL,
    "compressor_configuration" JSONB NOT NULL DEFAULT '{}',
    "compression_level" INTEGER,
    "encryptor_plugin" TEXT NOT NULL,
    "encryptor_configuration" JSONB NOT NULL DEFAULT '{}',
    "repository_id" TEXT NOT NULL,
    "format_version" INTEGER NOT NULL,
    "sealed_key" BYTEA,
    "key_slots" JSONB NOT NULL DEFAULT '[]',
    "snapshots" BIGINT,
    "stored_bytes" BIGINT,
    "free_bytes" BIGINT,
    "checked_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "repository_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "backup" (
    "id" UUID NOT NULL,
    "workload_id" UUID NOT NULL,
    "repository_id" UUID NOT NULL,
    "parent_id" UUID,
    "type" "backup_type" NOT NULL,
    "name" TEXT NOT NULL,
    "status" "run_status" NOT NULL DEFAULT 'QUEUED',
    "snapshot_id" TEXT,
    "selected_sources" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "include_tables" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "exclude_tables" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "sources" JSONB NOT NULL DEFAULT '[]',
    "tables" INTEGER,
    "files" BIGINT,
    "unchanged_files" BIGINT,
    "logical_bytes" BIGINT,
    "read_bytes" BIGINT,
    "added_bytes" BIGINT,
    "stored_bytes" BIGINT,
    "checksum" TEXT,
    "compression" TEXT NOT NULL,
    "compression_level" INTEGER,
    "encryption" TEXT NOT NULL,
    "verified" BOOLEAN NOT NULL DEFAULT false,
    "verified_at" TIMESTAMPTZ(3),
    "verified_level" "verification_level",
    "retention_days" INTEGER,
    "expires_at" TIMESTAMPTZ(3),
    "pinned" BOOLEAN NOT NULL DEFAULT false,
    "initiated_by" TEXT NOT NULL,
    "notes" TEXT NOT NULL DEFAULT '',
    "labels" JSONB NOT NULL DEFAULT '[]',
    "error_code" TEXT,
    "error_details" JSONB,
    "warnings" JSONB NOT NULL DEFAULT '[]',
    "warning_count" INTEGER NOT NULL DEFAULT 0,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "progress" JSONB,
    "job_id" UUID,
    "cancel_requested_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "completed_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "backup_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "restore" (
    "id" UUID NOT NULL,
    "backup_id" UUID NOT NULL,
    "type" "restore_type" NOT NULL,
    "target_kind" "restore_target_kind" NOT NULL,
    "target_path" TEXT,
    "target_database" TEXT,
    "conflict_policy" "conflict_policy" NOT NULL DEFAULT 'FAIL',
    "sources" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "paths" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "status" "run_status" NOT NULL DEFAULT 'QUEUED',
    "tables" JSONB NOT NULL DEFAULT '[]',
    "tables_restored" INTEGER,
    "files_restored" BIGINT,
    "bytes_restored" BIGINT,
    "initiated_by" TEXT NOT NULL,
    "notes" TEXT NOT NULL DEFAULT '',
    "error_code" TEXT,
    "error_details" JSONB,
    "warnings" JSONB NOT NULL DEFAULT '[]',
    "warning_count" INTEGER NOT NULL DEFAULT 0,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "progress" JSONB,
    "job_id" UUID,
    "cancel_requested_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "completed_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "restore_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "verification" (
    "id" UUID NOT NULL,
    "backup_id" UUID NOT NULL,
    "level" "verification_level" NOT NULL DEFAULT 'DATA',
    "status" "run_status" NOT NULL DEFAULT 'QUEUED',
    "sound" BOOLEAN,
    "objects_read" BIGINT,
    "bytes_read" BIGINT,
    "damage" JSONB NOT NULL DEFAULT '[]',
    "initiated_by" TEXT NOT NULL,
    "error_code" TEXT,
    "error_details" JSONB,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "progress" JSONB,
    "job_id" UUID,
    "cancel_requested_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "completed_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "verification_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "access_token" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "access_token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "event" (
    "id" UUID NOT NULL,
    "sequence" BIGSERIAL NOT NULL,
    "type" TEXT NOT NULL,
    "severity" "event_severity" NOT NULL DEFAULT 'INFO',
    "summary" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "subject_type" TEXT,
    "subject_id" UUID,
    "data" JSONB NOT NULL DEFAULT '{}',
    "occurred_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "event_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "workload_name_key" ON "workload"("name");

-- CreateIndex
CREATE INDEX "workload_created_at_id_idx" ON "workload"("created_at", "id");

-- CreateIndex
CREATE INDEX "workload_labels_idx" ON "workload" USING GIN ("labels" jsonb_path_ops);

-- CreateIndex
CREATE UNIQUE INDEX "source_workload_id_name_key" ON "source"("workload_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "repository_name_key" ON "repository"("name");

-- CreateIndex
CREATE UNIQUE INDEX "repository_repository_id_key" ON "repository"("repository_id");

-- CreateIndex
CREATE INDEX "repository_created_at_id_idx" ON "repository"("created_at", "id");

-- CreateIndex
CREATE INDEX "backup_created_at_id_idx" ON "backup"("created_at", "id");

-- CreateIndex
CREATE INDEX "backup_workload_id_created_at_id_idx" ON "backup"("workload_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "backup_repository_id_created_at_id_idx" ON "backup"("repository_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "backup_status_created_at_id_idx" ON "backup"("status", "created_at", "id");

-- CreateIndex
CREATE INDEX "backup_type_created_at_id_idx" ON "backup"("type", "created_at", "id");

-- CreateIndex
CREATE INDEX "backup_started_at_id_idx" ON "backup"("started_at", "id");

-- CreateIndex
CREATE INDEX "backup_completed_at_id_idx" ON "backup"("completed_at", "id");

-- CreateIndex
CREATE INDEX "backup_stored_bytes_id_idx" ON "backup"("stored_bytes", "id");

-- CreateIndex
CREATE INDEX "backup_logical_bytes_id_idx" ON "backup"("logical_bytes", "id");

-- CreateIndex
CREATE INDEX "backup_name_id_idx" ON "backup"("name", "id");

-- CreateIndex
CREATE INDEX "backup_expires_at_idx" ON "backup"("expires_at");

-- CreateIndex
CREATE INDEX "backup_parent_id_idx" ON "backup"("parent_id");

-- CreateIndex
CREATE INDEX "backup_labels_idx" ON "backup" USING GIN ("labels" jsonb_path_ops);

-- CreateIndex
CREATE UNIQUE INDEX "backup_repository_id_snapshot_id_key" ON "backup"("repository_id", "snapshot_id");

-- CreateIndex
CREATE INDEX "restore_created_at_id_idx" ON "restore"("created_at", "id");

-- CreateIndex
CREATE INDEX "restore_backup_id_created_at_id_idx" ON "restore"("backup_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "restore_status_created_at_id_idx" ON "restore"("status", "created_at", "id");

-- CreateIndex
CREATE INDEX "restore_type_created_at_id_idx" ON "restore"("type", "created_at", "id");

-- CreateIndex
CREATE INDEX "restore_started_at_id_idx" ON "restore"("started_at", "id");

-- CreateIndex
CREATE INDEX "restore_completed_at_id_idx" ON "restore"("completed_at", "id");

-- CreateIndex
CREATE INDEX "verification_created_at_id_idx" ON "verification"("created_at", "id");

-- CreateIndex
CREATE INDEX "verification_backup_id_created_at_id_idx" ON "verification"("backup_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "verification_status_created_at_id_idx" ON "verification"("status", "created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "access_token_hash_key" ON "access_token"("hash");

-- CreateIndex
CREATE INDEX "access_token_created_at_id_idx" ON "access_token"("created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "event_sequence_key" ON "event"("sequence");

-- CreateIndex
CREATE INDEX "event_occurred_at_id_idx" ON "event"("occurred_at", "id");

-- CreateIndex
CREATE INDEX "event_type_sequence_idx" ON "event"("type", "sequence");

-- CreateIndex
CREATE INDEX "event_severity_sequence_idx" ON "event"("severity", "sequence");

-- CreateIndex
CREATE INDEX "event_subject_type_subject_id_sequence_idx" ON "event"("subject_type", "subject_id", "sequence");

-- CreateIndex
CREATE INDEX "event_actor_sequence_idx" ON "event"("actor", "sequence");

-- AddForeignKey
ALTER TABLE "source" ADD CONSTRAINT "source_workload_id_fkey" FOREIGN KEY ("workload_id") REFERENCES "workload"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "backup" ADD CONSTRAINT "backup_workload_id_fkey" FOREIGN KEY ("workload_id") REFERENCES "workload"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "backup" ADD CONSTRAINT "backup_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "backup" ADD CONSTRAINT "backup_parent_id_fkey" FOREIGN KEY ("parent_id") REFERENCES "backup"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "restore" ADD CONSTRAINT "restore_backup_id_fkey" FOREIGN KEY ("backup_id") REFERENCES "backup"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "verification" ADD CONSTRAINT "verification_backup_id_fkey" FOREIGN KEY ("backup_id") REFERENCES "backup"("id") ON DELETE CASCADE ON UPDATE CASCADE;
