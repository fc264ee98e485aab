# The hub in one image: the static program, the fonts of paper and boards, time zones and certificates. No shell script
# stands between the container and `vez`, so signals reach it and a stop is graceful.
# Linted, but not built where it was written: no container runtime was at hand.

# Fonts, pinned by checksum in scripts/npm-files.txt.
FROM node:22-bookworm-slim AS fonts
WORKDIR /src
COPY scripts ./scripts
RUN scripts/fonts.sh

FROM golang:1.26-bookworm AS build
WORKDIR /src
# Modules in a layer of their own: they change less often than the code.
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# SQLite is pure Go, so the program needs no C library.
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/vez ./cmd/vez

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates tzdata \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin vez \
 && install -d -o vez -g vez -m 0750 /data
# A system font folder: found wherever the program is started, and not hidden by the volume.
COPY --from=fonts /src/fonts /usr/share/fonts/truetype/vez
COPY --from=build /out/vez /usr/local/bin/vez
USER 10001
WORKDIR /data
ENV VEZ_LISTEN=0.0.0.0:8080 \
    VEZ_DATA=/data
EXPOSE 8080
VOLUME /data
# Ready means: the ledger answers. Redis may be away (the counters go on), so it is no reason to be restarted.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 CMD ["vez", "health"]
ENTRYPOINT ["vez"]
CMD ["serve"]
