# The image holds the command `conformity`, its libraries and nothing to build with.
#
#   docker build -t conformity .
#   docker run --rm --network none -v "$PWD:/data" conformity assess conformity.yaml -o reports
#   docker run --rm -i conformity mcp
#   docker run --rm -p 127.0.0.1:8321:8321 -v conformity:/data conformity serve --host 0.0.0.0
#
# It runs as user 10001; give that user a folder to write to, or add `--user "$(id -u):$(id -g)"`.
# See docs/container.md.

# Any Debian of release 12 or newer, with Python 3.11 or newer or without one: then Debian's is added.
ARG BASE_IMAGE=python:3.12-slim

FROM ${BASE_IMAGE} AS base
# Pango for PDFs; git and ssh-keygen for archives. The fonts are part of the package.
RUN apt-get update -qq \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 git openssh-client \
        $(command -v python3 >/dev/null || echo python3) \
    && python3 -c 'import sys; assert sys.version_info >= (3, 11), "this base has too old a Python"' \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log "$HOME/.cache"

FROM base AS build
# Debian's own Python makes no virtual environment without a further package. Authorities that the base brings
# are left as they are: installing the package anew would drop those that were added.
RUN { python3 -c 'import ensurepip, venv' && [ -e /etc/ssl/certs/ca-certificates.crt ]; } 2>/dev/null \
    || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        python3-venv ca-certificates; }
WORKDIR /src
ARG EXTRAS="server"
COPY pyproject.toml requirements.lock ./
COPY .ci/install .ci/
RUN .ci/install --libraries /opt/conformity ${EXTRAS}
COPY . .
RUN .ci/install --package /opt/conformity

FROM base
LABEL org.opencontainers.image.title="conformity" \
      org.opencontainers.image.description="EU AI Act conformity assessments written from measured evidence" \
      org.opencontainers.image.licenses="Apache-2.0"
# The one folder that is written to: manifests, packs, runs and archives are mounted there.
RUN install -d -o 10001 -g 10001 /data && install -d -m 700 -o 10001 -g 10001 /keys
COPY --from=build /opt/conformity /opt/conformity
# The image is read-only in good hands: caches go to /tmp, and no bytecode is written. Modules are never looked for
# in /data, where strangers' files lie.
ENV PATH=/opt/conformity/bin:$PATH \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONSAFEPATH=1 \
    PYTHONUNBUFFERED=1
WORKDIR /data
USER 10001:10001
EXPOSE 8321
# Asked only of a container that serves; any other has nothing that could answer, and is healthy.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-m", "conformity.entry.healthy"]
ENTRYPOINT ["conformity"]
CMD ["--help"]
