#!/bin/sh
# Starts a verb of Strongroom. Secrets may come as files instead of variables, so that no container description holds them:
#   STRONGROOM_SECRET_KEY_FILE  holds the instance key
#   DATABASE_URL_FILE           holds the whole address of the database
#   DATABASE_PASSWORD_FILE      holds the password to go with DATABASE_USER, DATABASE_HOST and DATABASE_NAME
set -eu

secret() {
  if ! [ -r "$1" ]; then
    echo "The secret file $1 can't be read by the user $(id -un) ($(id -u))." >&2
    exit 1
  fi
  tr -d '\r\n' < "$1"
}

if [ -n "${STRONGROOM_SECRET_KEY_FILE:-}" ]; then
  STRONGROOM_SECRET_KEY=$(secret "$STRONGROOM_SECRET_KEY_FILE")
  export STRONGROOM_SECRET_KEY
fi
if [ -n "${DATABASE_URL_FILE:-}" ]; then
  DATABASE_URL=$(secret "$DATABASE_URL_FILE")
  export DATABASE_URL
elif [ -n "${DATABASE_PASSWORD_FILE:-}" ]; then
  password=$(secret "$DATABASE_PASSWORD_FILE")
  # A password may hold characters that mean something in an address.
  password=$(printf '%s' "$password" | node -e 'process.stdout.write(encodeURIComponent(require("fs").readFileSync(0, "utf8")))')
  DATABASE_URL="postgresql://${DATABASE_USER:-strongroom}:$password@${DATABASE_HOST:-postgres}/${DATABASE_NAME:-strongroom}"
  export DATABASE_URL
fi

exec node /app/bin/strongroom.js "$@"
