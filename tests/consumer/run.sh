#!/usr/bin/env bash
# run.sh WAY SOURCE BINARY COMPILER CMAKE BUILD_TYPE WERROR: builds and runs the project in a temporary folder.
set -euo pipefail
way=$1 source=$2 binary=$3 compiler=$4 cmake=$5 type=$6 werror=$7
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp -r "$source/tests/consumer/project" "$folder/project"

options=(-G Ninja -S "$folder/project" -B "$folder/build" "-DCMAKE_CXX_COMPILER=$compiler")
# Compiled as the library around these tests has been: then ccache has all of it.
options+=("-DCMAKE_BUILD_TYPE=$type" "-DSAKER_WARNINGS_AS_ERRORS=$werror")
if command -v ccache > /dev/null; then options+=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache); fi
if [ "$way" = find_package ]; then
  "$cmake" --install "$binary" --prefix "$folder/prefix" > "$folder/install.log"
  options+=("-DCMAKE_PREFIX_PATH=$folder/prefix")
else
  options+=("-DSAKER_SOURCE=$source")
fi
"$cmake" "${options[@]}"
"$cmake" --build "$folder/build" --target consumer consumer-hub
"$folder/build/consumer" | grep 'served at http://127.0.0.1:'
"$folder/build/consumer-hub" --help | grep -- --urls
