#!/usr/bin/env bash
# Breaks a copy of the simulator in one rule after the other, and demands that the comparison with a
# real server finds each break. Each patch in mutants/ opens with the rule it breaks.
#
# usage: mutants.sh COMPILER ROOT CONFORMANCE.a LIBRARY...
set -euo pipefail

compiler=$1 root=$2 conformance=$3
shift 3
here=$root/tests/conformance
operations=8000

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Applies a patch to a copy, compiles what it touches, and puts that before the libraries.
build() {
    local patch=$1 copy=$2 source objects=()
    shift 2
    mkdir "$copy"
    cp -r "$root/backend_sim" "$root/server" "$copy"
    patch --quiet --strip=1 --directory="$copy" <"$patch"
    while read -r source; do
        objects+=("$copy/$(basename "$source" .c).o")
        "$compiler" -std=c17 -O1 -I"$copy" -I"$root" -c "$copy/$source" -o "${objects[-1]}"
    done < <(sed -n 's|^+++ b/||p' "$patch")
    "$compiler" -o "$copy/conformance" -Wl,--whole-archive "$conformance" -Wl,--no-whole-archive \
        "${objects[@]}" "$@" -pthread
}

found=0 missed=0
for patch in "$here"/mutants/*.patch; do
    name=$(basename "$patch" .patch)
    build "$patch" "$folder/$name" "$@"
    status=0
    "$folder/$name/conformance" --ops "$operations" --run 500 --no-shrink --no-slow \
        >"$folder/said" 2>&1 || status=$?
    if [ "$status" -eq 1 ] && grep -q '^difference at step' "$folder/said"; then
        found=$((found + 1))
        printf '%-22s %s\n' "$name" "$(sed -n 's/^\(difference [^;]*\);.*/\1/p;q' "$folder/said")"
    else
        missed=$((missed + 1))
        printf '%-22s NOT FOUND: %s\n' "$name" "$(head -n 1 "$patch")"
        tail -n 5 "$folder/said"
    fi
    rm -rf "${folder:?}/$name"
done

echo "$found found, $missed not found"
[ "$missed" -eq 0 ] && [ "$found" -ge 10 ]
