# Every test a change must pass; sourced by ./conshelf test. Usage: ./conshelf test [MODULE|clients] [--full] [--complete] [--spec FILE[:LINE]]
module=
properties=()
while [ $# -gt 0 ]; do
  case "$1" in
    --full) properties+=(-Dconshelf.full=true) ;;
    --complete) properties+=(-Dspec.complete=true) ;;
    --spec) [ $# -gt 1 ] || fail "--spec needs a file, as in summarize/bin:12"; shift; properties+=("-Dspec=$1" "-Dtest=*Spec*" -Dsurefire.failIfNoSpecifiedTests=false) ;;
    # The official clients against a running cluster; their tests are in cli.
    clients) module=cli; properties+=("-Dtest=Client*Test" -Dsurefire.failIfNoSpecifiedTests=false) ;;
    -*) fail "test: unknown option '$1'; known are --full, --complete and --spec FILE[:LINE]" ;;
    *) [ -z "$module" ] || fail "test: one module at a time, found '$module' and '$1'"
       [ -f "$root/$1/pom.xml" ] || fail "test: there is no module '$1'; modules are: $(cd "$root" && ls -d */pom.xml | xargs -n1 dirname | tr '\n' ' ')"
       module=$1 ;;
  esac
  shift
done

# Tests against official clients and the conformance suites need these; a missing one is named, and fails under CI=true.
missing=()
for tool in python3 node npm; do command -v "$tool" >/dev/null || missing+=("$tool"); done
command -v go >/dev/null || [ -x /usr/local/go/bin/go ] || missing+=(go)
[ -d "$root/../shared/conformance" ] || missing+=("../shared")
if [ ${#missing[@]} -gt 0 ]; then
  say "not here, so the tests that need it do not run: ${missing[*]}"
  [ "${CI:-}" != true ] || fail "with CI=true everything must be here"
fi

# Processes that the tests of cli start are those that people start: from what is built, with its cache of classes.
if [ -z "$module" ] || [ "$module" = cli ]; then
  command -v npm >/dev/null && node_packages "$root/examples/flights"
  (. "$root/it/install.sh") &
  installing=$!
  trap 'kill "$installing" 2>/dev/null' EXIT
  build
  wait "$installing" || fail "the official clients are not installed"
  trap - EXIT
  # Not beside the build: two of Maven would fill one empty repository at once.
  . "$root/it/flink/install.sh"
  properties+=(-Dconshelf.built=true)
fi

mkdir -p "$work"
started=$(date +%s)
# What depends on a module where a test fails is tested all the same: one run tells all that is wrong. So Maven does not end in failure then, and the log is asked.
arguments=(test --fail-at-end -Dmaven.test.failure.ignore=true)
if [ -n "$module" ]; then
  arguments+=(-pl "$module" -am)
  for other in "$root"/*/pom.xml; do
    other=$(basename "$(dirname "$other")")
    [ "$other" = "$module" ] || arguments+=("-Dskip.$other=true")
  done
else
  # Tests wait as much as they compute: modules that do not stand on one another are tested side by side.
  arguments+=(-T 2)
fi
say "running the tests${module:+ of $module} …"
status=0
maven "${arguments[@]}" "${properties[@]}" 2>&1 | tee "$work/test.log" | grep --line-buffered -E '^\[(INFO|ERROR|WARNING)\] (Tests run|Running|Reactor Summary|BUILD|.*SUCCESS|.*FAIL)|ERROR|not run:'
[ "${PIPESTATUS[0]}" -eq 0 ] || status=1
# Maven's own lines, not those of what is tested.
grep -qE '^\[ERROR\] ' "$work/test.log" && status=1
totals=$(sed -nE 's/^\[[A-Z]+\] Tests run: ([0-9]+), Failures: ([0-9]+), Errors: ([0-9]+), Skipped: ([0-9]+)$/\1 \2 \3 \4/p' "$work/test.log" \
  | awk '{n+=$1; f+=$2+$3; s+=$4} END {print n-f-s " passed, " f+0 " failed, " s+0 " skipped"}')
if [ $status -eq 0 ]; then
  say "all tests passed in $(($(date +%s) - started)) s"
else
  # what failed, with what it says
  awk '/^\[ERROR\] (Failures|Errors):/ {told=1} /^\[[A-Z]+\] Tests run:/ {told=0} told' "$work/test.log"
  say "tests failed; the whole log is in ${work#"$root"/}/test.log"
fi
echo "$totals"
exit $status
