#!/usr/bin/env bash
# wrong.sh SOURCE COMPILER: programs that do not compile, and what the compiler must say: each line
# `// expected: TEXT` at their beginnings.
set -euo pipefail
source=$1 compiler=$2
for program in "$source"/tests/consumer/wrong/*.cpp; do
  options=(-std=c++20 -fsyntax-only -I "$source/include")
  # What follows the first error is of no interest there.
  case "$program" in *_not_linked.cpp) options+=(-Wfatal-errors) ;; esac
  if said=$("$compiler" "${options[@]}" "$program" 2>&1); then
    echo "$program compiles"
    exit 1
  fi
  # Without what it quotes of the program's own expectations.
  said=$(grep -vF '// expected:' <<< "$said" | tr -s ' ')
  sed -n 's|^// expected: ||p' "$program" | while IFS= read -r text; do
    [[ $said == *"$text"* ]] || {
      printf '%s\nThe compiler does not say of %s: %s\n' "$said" "$program" "$text"
      exit 1
    }
  done
  echo "ok: ${program##*/}"
done
