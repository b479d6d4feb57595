-- AlterTable
ALTER TABLE "backup" ADD COLUMN     "exclude_table_data" TEXT[] DEFAULT ARRAY[]::TEXT[];
