#!/usr/bin/env bash
# Runs the stages of the test suite, prints a time for each, and one closing line with the number of tests.
# Stages may be named: test.sh lint rust. A failed stage does not hide the later ones; a failed build does.
set -uo pipefail
cd "$(dirname "$0")/../.."
stages=("$@")
[ ${#stages[@]} -gt 0 ] || stages=(lint rust build client moving replay conform schema browser)
logs=$(mktemp -d /tmp/darkroom-test.XXXXXX)
trap 'rm -rf "$logs"' EXIT
declare -A target=([lint]=lint [rust]=test-rust [build]=build [client]=test-client [moving]=test-moving [replay]=test-replay [schema]=test-schema [conform]=test-conform [browser]=test-browser)

# Adds up "12 passed" and "1 failed" in the closing lines of cargo test, pytest and Playwright.
count() {
  sed -E 's/\x1b\[[0-9;]*m//g' "$2" | grep -E '^(test result:|=+ .*(passed|failed|error)|[[:space:]]*[0-9]+ (passed|failed)( |$))' |
    grep -oE "[0-9]+ $1" | awk '{ sum += $1 } END { print sum + 0 }'
}

passed=0 failed=0 summary=()
for stage in "${stages[@]}"; do
  echo "──── $stage"
  start=$SECONDS
  make --no-print-directory "${target[$stage]}" 2>&1 | tee "$logs/$stage"
  status=${PIPESTATUS[0]} took=$((SECONDS - start))
  good=$(count passed "$logs/$stage") bad=$(($(count failed "$logs/$stage") + $(count 'errors?' "$logs/$stage")))
  # A stage that counts no tests of its own (lint, build) or breaks without saying so counts as one.
  [ "$status" -ne 0 ] && [ "$bad" -eq 0 ] && bad=1
  [ "$status" -eq 0 ] && [ "$good" -eq 0 ] && good=1
  passed=$((passed + good)) failed=$((failed + bad))
  summary+=("$(printf '%-8s %4d:%02d   %4d passed, %d failed' "$stage" $((took / 60)) $((took % 60)) "$good" "$bad")")
  [ "$stage" = build ] && [ "$status" -ne 0 ] && break
done

echo
printf '%s\n' "${summary[@]}"
printf 'in all   %4d:%02d\n\n' $((SECONDS / 60)) $((SECONDS % 60))
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
