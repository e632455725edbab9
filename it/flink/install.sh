# Compiles the job that the integration tests run; sourced by ./conshelf test.
# The connector of Flink wants an older Flink and an older client than the build has, so it has a class path of its own.
if [ ! -e "$work/flink/Sink.class" ] || [ -n "$(find "$root/it/flink" -newer "$work/flink/Sink.class" -print -quit)" ]; then
  say "compiling the job of it/flink …"
  mkdir -p "$work/flink"
  { maven -q -f it/flink/pom.xml dependency:build-classpath -Dmdep.outputFile="$work/flink/classpath" &&
    "$JAVA_HOME/bin/javac" -d "$work/flink" -cp "$(cat "$work/flink/classpath")" "$root/it/flink/Sink.java"; } >"$work/flink.log" 2>&1 ||
    { tail -n 20 "$work/flink.log" >&2; fail "compiling it/flink failed"; }
fi
