# One image for migration, API and worker; the command says which. It runs as nobody in particular, writes below
# /var/lib/leadwarden and /tmp only, and holds neither development packages nor secrets.
FROM node:24.21.0-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No package that the product runs on needs its install script.
RUN npm ci --omit=dev --ignore-scripts

FROM packages AS sources
COPY . .
RUN node worker/bundle-main.ts workflow-bundle.js

FROM node:24.21.0-bookworm-slim
WORKDIR /app
COPY --from=sources /app ./
RUN cd /var/lib && install --directory --owner=node --group=node --mode=0700 leadwarden \
  leadwarden/uploads leadwarden/lists leadwarden/journal leadwarden/backups leadwarden/archive leadwarden/inbox leadwarden/credentials
ENV NODE_ENV=production \
    LEADWARDEN_HOME=/var/lib/leadwarden \
    WORKFLOW_BUNDLE=/app/workflow-bundle.js \
    HOST=0.0.0.0
USER 1000:1000
EXPOSE 8080 9464
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --start-interval=1s \
  CMD ["node", "--eval", "fetch(`http://127.0.0.1:${process.env.PORT || 8080}/readyz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "api/main.ts"]
