-- AlterEnum
ALTER TYPE "restore_target_kind" ADD VALUE 'SCHEMA';

-- AlterTable
ALTER TABLE "restore" ADD COLUMN     "include_tables" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "keep_previous_hours" INTEGER,
ADD COLUMN     "previous_until" TIMESTAMPTZ(3),
ADD COLUMN     "reverted_at" TIMESTAMPTZ(3),
ADD COLUMN     "target_schema" TEXT;

-- CreateIndex
CREATE INDEX "restore_previous_until_idx" ON "restore"("previous_until");
