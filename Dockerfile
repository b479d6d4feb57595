# syntax=docker/dockerfile:1
# The service, the worker and the command line in one image: `serve` by default, `worker` or any other verb as arguments.

FROM node:24-bookworm-slim AS client
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY scripts/generate-client.ts scripts/
COPY prisma/schema.prisma prisma/
# Nothing but the Prisma client is made here, and that needs no install script of any package.
RUN npm ci --ignore-scripts && node scripts/generate-client.ts

FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY scripts/generate-client.ts scripts/
RUN npm ci --omit=dev && npm cache clean --force

FROM node:24-bookworm-slim
# pg_dump must not be older than the servers that it dumps: the newest comes from the PostgreSQL project's own packages.
ARG POSTGRES_CLIENT=18
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates postgresql-common \
 && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y \
 && apt-get install -y --no-install-recommends "postgresql-client-${POSTGRES_CLIENT}" \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --user-group --home-dir /var/lib/strongroom --shell /usr/sbin/nologin strongroom \
 && install -d -o strongroom -g strongroom -m 0700 /var/lib/strongroom \
 && install -d -o strongroom -g strongroom /data
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY package.json LICENSE ./
COPY docker/entrypoint.sh docker/
COPY prisma prisma
COPY plugins plugins
COPY bin bin
COPY src src
COPY --from=client /app/src/catalogue/generated src/catalogue/generated
RUN ln -s /app/docker/entrypoint.sh /usr/local/bin/strongroom
ENV NODE_ENV=production \
    STRONGROOM_DATA_DIR=/var/lib/strongroom \
    STRONGROOM_HOST=0.0.0.0 \
    STRONGROOM_ROOTS=/data
USER strongroom
VOLUME ["/var/lib/strongroom"]
EXPOSE 7878
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.STRONGROOM_PORT || 7878}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/app/docker/entrypoint.sh"]
CMD ["serve"]
