#!/usr/bin/env bash
#
# run_benchmarks.sh [option of toro_benchmark]...
#
# Installs what is missing, builds the benchmarks and runs them: the table of
# all rows, the server under load, and what the library adds to a compilation.
# They print their figures, and leave them as JSON, with a picture, in
# build/benchmark. With options, such as --filter REGEX, it prints those rows
# alone.

set -euo pipefail
cd "$(dirname "$0")/.."
. cmake/require_packages.sh

packages=(g++ cmake ninja-build ccache libboost1.81-dev libboost-fiber1.81-dev
  libboost-json1.81-dev libboost-program-options1.81-dev python3)
case " $* " in
  *' --instructions '*) packages+=(valgrind) ;;
esac
require_packages "${packages[@]}"

# The standard output is the table; what is said before it goes elsewhere.
{
  cmake --preset benchmark
  cmake --build --preset benchmark
} >&2
results=build/benchmark
programs=$results/test/benchmark

if [ $# -gt 0 ]; then
  exec "$programs/toro_benchmark" "$@"
fi

"$programs/toro_benchmark" \
  --json "$results/benchmark.json" --svg "$results/benchmark.svg"
printf '\n\nA server under load\n\n'
"$programs/toro_load" --json "$results/load.json"
printf '\n\nWhat the library adds to a compilation\n\n'
cmake --build --preset benchmark --target toro_compile_cost
say "the results are in $results: benchmark.json, benchmark.svg, load.json," \
  "compile_cost.json"
