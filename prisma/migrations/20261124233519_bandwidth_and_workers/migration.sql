-- AlterTable
ALTER TABLE "repository" ADD COLUMN     "download_bytes_per_second" BIGINT,
ADD COLUMN     "upload_bytes_per_second" BIGINT;

-- CreateTable
CREATE TABLE "worker" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "instance" UUID NOT NULL,
    "lanes" INTEGER NOT NULL,
    "lane_limit" INTEGER,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "stopped_at" TIMESTAMPTZ(3),

    CONSTRAINT "worker_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "worker_name_key" ON "worker"("name");

-- CreateIndex
CREATE INDEX "worker_last_seen_at_idx" ON "worker"("last_seen_at");
