-- AlterTable
ALTER TABLE "restore" ADD COLUMN     "target_source_id" UUID;
