# The whole system as one static program in an image without a shell.
#   docker build -t jiamenkou .
ARG GO_VERSION=1.26
ARG NODE_VERSION=22

FROM --platform=$BUILDPLATFORM node:${NODE_VERSION}-bookworm-slim AS web
WORKDIR /src/web/apidocs
# The lock file first: the modules are fetched again only when it changes.
COPY web/apidocs/package.json web/apidocs/package-lock.json web/apidocs/.npmrc ./
RUN npm ci
COPY web/apidocs/ ./
RUN npm run build

FROM --platform=$BUILDPLATFORM node:${NODE_VERSION}-bookworm-slim AS console
WORKDIR /src/web/console
COPY web/console/package.json web/console/package-lock.json web/console/.npmrc ./
RUN npm ci
COPY docs/openapi.json /src/docs/openapi.json
COPY web/console/ ./
RUN npm run build

FROM --platform=$BUILDPLATFORM golang:${GO_VERSION}-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=web /src/web/apidocs/dist/ web/apidocs/dist/
COPY --from=console /src/web/console/dist/ web/console/dist/
ARG TARGETOS TARGETARCH VERSION=unknown
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -ldflags "-s -w -X main.version=$VERSION" -o /out/jiamenkou ./app
# A volume mounted here takes over this folder's owner.
RUN mkdir -p /out/data && chown 65532:65532 /out/data

# distroless/static brings CA certificates, time zones and the user nonroot (65532), and nothing that runs.
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/jiamenkou /usr/local/bin/jiamenkou
COPY --from=build --chown=65532:65532 /out/data /var/lib/jiamenkou/data
# The defaults ./data/… are found here.
WORKDIR /var/lib/jiamenkou
# An image that is started without settings says what it lacks; it never lets anyone in as anyone. For a look at the demo:
#   docker run --rm -e JMK_MODE=development -p 127.0.0.1:8080:8080 jiamenkou
ENV JMK_MODE=production \
    JMK_HTTP_ADDR=0.0.0.0:8080 \
    JMK_HTTP_METRICS_ADDR=0.0.0.0:9090
EXPOSE 8080 9090
VOLUME /var/lib/jiamenkou/data
USER 65532:65532
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 CMD ["jiamenkou", "healthcheck"]
# Long enough for http.shutdown_timeout: docker stop --timeout 30.
STOPSIGNAL SIGTERM
ENTRYPOINT ["jiamenkou"]
CMD ["serve"]
