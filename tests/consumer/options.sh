#!/usr/bin/env bash
# options.sh SOURCE COMPILER CMAKE: configures with the combinations of the options of the build.
set -euo pipefail
source=$1 compiler=$2 cmake=$3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

configure() {  # configure OPTIONS...: afresh
  rm -rf "$folder/build"
  "$cmake" -G Ninja -S "$source" -B "$folder/build" "-DCMAKE_CXX_COMPILER=$compiler" "$@" \
    > "$folder/log" 2>&1
}

expect() {  # expect YES NO OPTIONS...: the targets that there are, and those that there are not
  local yes=$1 no=$2 each
  shift 2
  configure "$@" || {
    cat "$folder/log"
    echo "cannot be configured: $*"
    exit 1
  }
  for each in $yes; do
    grep -q "^build .*$each" "$folder/build/build.ninja" || { echo "no $each with $*"; exit 1; }
  done
  for each in $no; do
    ! grep -q "^build .*$each" "$folder/build/build.ninja" || { echo "$each with $*"; exit 1; }
  done
  echo "ok: $*"
}

expect_refused() {  # expect_refused TEXT OPTIONS...
  local text=$1
  shift
  ! configure "$@" || { echo "was not refused: $*"; exit 1; }
  tr -s ' \n' ' ' < "$folder/log" | grep -qF "$text" || { cat "$folder/log"; exit 1; }
  echo "ok, refused: $*"
}

expect "libsaker.a libsaker_signalr.a libsaker_authentication.a libsaker_redis.a saker_unit_tests" ""
expect "libsaker.a libsaker_authentication.a saker-echo" \
  "libsaker_signalr.a libsaker_redis.a saker_unit_tests saker-signalr-chat" -DSAKER_BUILD_SIGNALR=OFF
expect "libsaker_signalr.a" "libsaker_redis.a saker_unit_tests" -DSAKER_BUILD_REDIS=OFF
expect "libsaker_redis.a" "libsaker_authentication.a saker_unit_tests" -DSAKER_BUILD_AUTHENTICATION=OFF
expect "libsaker.a" "libsaker_ saker_unit_tests bin/saker" -DSAKER_BUILD_SIGNALR=OFF \
  -DSAKER_BUILD_AUTHENTICATION=OFF -DSAKER_BUILD_SAMPLES=OFF
expect "libsaker.a saker-load" "libsaker_signalr.a" -DSAKER_BUILD_SIGNALR=OFF -DSAKER_BUILD_BENCH=ON
expect_refused "SAKER_BUILD_FUZZERS needs" -DSAKER_BUILD_REDIS=OFF -DSAKER_BUILD_FUZZERS=ON
