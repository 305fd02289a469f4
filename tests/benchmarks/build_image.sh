#!/usr/bin/env bash
# Build the image and try in it what it is for: the command, an assessment, MCP on standard input and output, and
# a server with its health check; always as a user without rights, on a file system that cannot be written.
#
#   tests/benchmarks/build_image.sh [BASE_IMAGE [TAG]]
#
# With docker, podman or buildah, whichever works here. It takes minutes and needs the network to build; what
# runs afterwards has none. BUILD_OPTIONS and RUN_OPTIONS add options, such as RUN_OPTIONS="--ulimit nofile=1024:1024".
# BUILT=yes tries the image that is there.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
base=${1:-python:3.12-slim}
tag=${2:-localhost/conformity-tried}
work=$(mktemp -d)
name=conformity-tried-$$

engine=podman
if docker info >/dev/null 2>&1; then engine=docker; fi
# What an image of the format of OCI cannot hold is its health check.
format=()
if [ "$engine" = podman ]; then format=(--format docker); fi

ended() {
    "$engine" rm --force "$name" >/dev/null 2>&1 || true
    "$engine" volume rm --force "$name" >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap ended EXIT

step() {
    local begin=$SECONDS what=$1
    shift
    if "$@" >"$work/out" 2>&1; then
        printf '%-46s ok      %4d s\n' "$what" $((SECONDS - begin))
    else
        printf '%-46s FAILED  %4d s\n' "$what" $((SECONDS - begin))
        tail -n 20 "$work/out"
        exit 1
    fi
}

# shellcheck disable=SC2086 # lists of words
boxed() {
    "$engine" run --rm --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges ${RUN_OPTIONS:-} "$@"
}

# shellcheck disable=SC2086 # a list of words
build() {
    "$engine" build ${format[@]+"${format[@]}"} ${BUILD_OPTIONS:-} --build-arg "BASE_IMAGE=$base" -t "$tag" "$root"
}

is_nobody() { [ "$(boxed --network none --entrypoint id "$tag" -u)" = 10001 ]; }

cannot_write() { ! boxed --network none --entrypoint touch "$tag" /opt/conformity/there; }

# A table of 400 people, in which both sexes are selected equally often, and its manifest.
sample() {
    awk 'BEGIN {
        print "sex,age,default,yhat"
        for (i = 0; i < 400; i++) {
            label = int(i / 2) % 2
            print (i % 2 ? "m" : "f") "," 20 + i % 50 "," label "," (i % 10 ? label : 1 - label)
        }
    }' >"$1/test.csv"
    cat >"$1/conformity.yaml" <<'MANIFEST'
conformity: 1
system: {name: Scorer, version: "2.0", intended_purpose: Testing the image.}
provider: {name: Provider, address: Street 1, contact: office}
subjects:
  - id: test
    kind: table
    title: Test set
    path: test.csv
    purpose: testing
    columns:
      - {name: sex, roles: [protected]}
      - {name: age, roles: [quasi_identifier]}
      - {name: default, roles: [label], positive: [0], negative: [1]}
      - {name: yhat, roles: [prediction], positive: [0], negative: [1]}
MANIFEST
}

assesses() {
    mkdir -p "$work/data"
    sample "$work/data"
    chmod -R a+rwX "$work"
    boxed --network none -v "$work/data:/data" "$tag" assess conformity.yaml -o pack
    [ -s "$work/data/pack/report.pdf" ] && [ -s "$work/data/pack/report.html" ]
    boxed --network none -v "$work/data:/data" "$tag" verify pack
}

gates() {
    local code=0
    boxed --network none -v "$work/data:/data" "$tag" ci conformity.yaml --formats json || code=$?
    [ "$code" = 4 ] && [ -s "$work/data/conformity-report/publish/comment.md" ]
}

speaks_mcp() {
    printf '%s\n' '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"trial","version":"1"}}}' |
        boxed --network none --interactive "$tag" mcp >"$work/answer"
    grep -q '"serverInfo"' "$work/answer"
}

serves() {
    # shellcheck disable=SC2086 # a list of words
    "$engine" run --detach --name "$name" --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges \
        ${RUN_OPTIONS:-} --network none --volume "$name:/data" "$tag" serve >/dev/null
    for _ in $(seq 60); do
        if "$engine" exec "$name" python -m conformity.entry.healthy; then return 0; fi
        if [ "$("$engine" inspect --format '{{.State.Running}}' "$name")" != true ]; then break; fi
        sleep 1
    done
    "$engine" logs "$name"
    return 1
}

is_healthy() {
    if [ "$engine" = podman ]; then
        podman healthcheck run "$name"
    else
        for _ in $(seq 60); do
            if [ "$(docker inspect --format '{{.State.Health.Status}}' "$name")" = healthy ]; then return 0; fi
            sleep 1
        done
        return 1
    fi
}

if [ "${BUILT:-}" != yes ]; then step "build on $base" build; fi
step 'conformity --version' boxed --network none "$tag" --version
step 'runs as user 10001' is_nobody
step 'its files cannot be written' cannot_write
step 'assess with HTML and PDF, then verify' assesses
step 'ci: gate and what is published' gates
step 'MCP: initialize on standard input and output' speaks_mcp
step 'serve answers' serves
step 'its health check' is_healthy
"$engine" image inspect --format 'size: {{.Size}} bytes' "$tag"
