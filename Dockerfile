# The bot's image. The setup job of the log pipeline runs from it too (`node dist/elk/setup/main.js`).
# Plain Dockerfile syntax on purpose: it builds with BuildKit and with the legacy builder.
#
# Behind a proxy:        HTTP_PROXY, HTTPS_PROXY and NO_PROXY of the builder are passed on by Docker.
# With another registry: docker build --build-arg NPM_CONFIG_REGISTRY=https://…
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
ARG NPM_CONFIG_REGISTRY
WORKDIR /app
# The dependencies come first: a change of source keeps this layer.
COPY package.json package-lock.json .npmrc ./
# No install scripts: every native package here is prebuilt, and `prepare` would build before the source is there.
RUN npm ci --ignore-scripts
COPY . .
# The lab stands in for the platforms in tests; an image that can pretend to be Feishu has no place on a server.
RUN npm run -s build \
 && npm prune --omit=dev --ignore-scripts \
 && rm -rf dist/ops/lab dist/.tsbuildinfo

FROM ${NODE_IMAGE}
ARG VERSION=0.2.0
ARG COMMIT=unknown
LABEL org.opencontainers.image.title="chatbot-ops-bundle" \
      org.opencontainers.image.description="An AI chatbot for Feishu and DingTalk" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${COMMIT}"
ENV NODE_ENV=production COMMIT=${COMMIT}
WORKDIR /app
# Program files stay root's: the process can read them and change none. It owns its log folder (a new named volume
# takes over this owner; 1000 is also Filebeat's user, so it can read what the bot writes) and its data folder.
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
RUN mkdir -p /var/log/bot /app/data /app/models && chown 1000:1000 /var/log/bot /app/data
USER 1000:1000
EXPOSE 18789 18790
CMD ["node", "dist/bot/main.js"]
