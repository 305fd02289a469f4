# The image holds the command `conformity`, its libraries and nothing to build with.
#
#   docker build -t conformity .
#   docker run --rm --network none -v "$PWD:/data" conformity assess conformity.yaml -o reports
#
# It runs as user 10001; give that user a folder to write to, or add `--user "$(id -u):$(id -g)"`.
ARG PYTHON_IMAGE=python:3.12-slim

FROM ${PYTHON_IMAGE} AS build
WORKDIR /src
COPY pyproject.toml requirements.lock ./
# uv itself is taken from the lock and checked by its digest. As constraints, the lock's pins and digests
# hold for everything that uv installs; what only developers need is left out.
RUN awk '/^[^ #]/ {on = /^uv==/} on && !/^ *#/' requirements.lock > uv.txt \
    && python -m venv /opt/uv \
    && /opt/uv/bin/pip install --quiet --no-cache-dir --no-deps --require-hashes -r uv.txt \
    && python -m venv --without-pip /opt/conformity \
    && /opt/uv/bin/uv pip install --quiet --no-cache --python /opt/conformity/bin/python \
        --constraint requirements.lock -r pyproject.toml
COPY . .
# Bytecode that trusts its source is valid whatever a copy does to the times of files.
RUN /opt/uv/bin/uv pip install --quiet --no-cache --python /opt/conformity/bin/python --no-deps \
        --build-constraint requirements.lock . \
    && (/opt/conformity/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash \
        -x '/tests?/' /opt/conformity/lib || true)

FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="conformity" \
      org.opencontainers.image.description="EU AI Act conformity assessments written from measured evidence" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN apt-get update -qq \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log
COPY --from=build /opt/conformity /opt/conformity
# The image is read-only in good hands: caches go to /tmp, and no bytecode is written.
ENV PATH=/opt/conformity/bin:$PATH \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1
WORKDIR /data
USER 10001:10001
ENTRYPOINT ["conformity"]
CMD ["--help"]
