package io.conshelf.engine.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.Engine;
import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.Principal;
import io.conshelf.engine.Request;
import io.conshelf.engine.spec.ResultText;
import io.conshelf.kql.bind.BindOptions;
import io.conshelf.kql.bind.Kql;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.scan.ScanProgram;
import io.conshelf.kql.type.Type;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.StringJoiner;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A `scan` gives the same rows whether a machine in Java goes through them or SQL does, row by row: one more column that only
/// SQL can compute, a hash of the state, leaves all steps to SQL.
class ScanAgreementTest {
    private static final int SCANS = 50;
    private static final int SCANS_OF_MANY_ROWS = 4;

    @TempDir
    private Path folder;

    private Engine engine;

    @BeforeEach
    void open() {
        engine = Engine.open(EngineConfig.inMemory(folder));
    }

    @AfterEach
    void close() {
        engine.close();
    }

    private List<String> answer(String text) {
        var request = new Request(Principal.LOCAL_ADMINISTRATOR, "NetDefaultDB", "test", UUID.randomUUID(), Map.of(), Map.of(), "test", "test",
                Instant.parse("2026-03-01T10:00:00Z"), Duration.ofMinutes(10), false);
        try (var answer = engine.query(request, text)) {
            List<String> lines = ResultText.of(answer);
            return lines.subList(1, lines.size()).stream().sorted().toList();
        }
    }

    @Test
    void fewRowsOfAllTypes() {
        for (int seed = 0; seed < SCANS; seed++) {
            var generator = new ScanGenerator(new Draw(new Random(seed)));
            String rows = generator.rows() + " | sort by i asc";
            agree(seed, generator, seed % 4 == 0 ? "extend k = i % 3 | partition by k (" : "", rows);
        }
    }

    @Test
    void moreRowsThanAreGoneThroughTogether() {
        for (int seed = 1000; seed < 1000 + SCANS_OF_MANY_ROWS; seed++) {
            var generator = new ScanGenerator(new Draw(new Random(seed)));
            String rows = "range i from 1 to 2500 step 1 | extend h = hash(i + " + 1000 * seed + ") | extend b = h % 3 == 0, n = toint(h % 7), l = h % 100,"
                    + " r = iff(h % 11 == 0, real(null), (h % 1000) / 8.0), t = datetime(2024-01-01) + i * 1s, d = (h % 90) * 1s, s = tostring(h % 5),"
                    + " g = guid(null), j = dynamic(null) | project-away h | sort by i asc";
            agree(seed, generator, "", rows);
        }
    }

    private void agree(int seed, ScanGenerator generator, String inPartition, String rows) {
        String scan = generator.scan();
        String query = inPartition.isEmpty() ? rows + " | " + scan
                : rows.replace(" | sort by i asc", " | " + inPartition + "sort by i asc | ") + scan + ")";
        assertThat(isForTheMachine(rows + " | " + scan)).as("seed %d: %s", seed, scan).isTrue();
        String bySql = query.replace(scan, scan.replace("declare (", "declare (zz:long, ").replaceFirst("=>", "=> zz = hash(a.l),"))
                + " | project-away zz";
        assertThat(isForTheMachine(bySql)).as(bySql).isFalse();
        List<String> expected = answer(bySql);
        assertThat(answer(query)).as("seed %d: %s", seed, query).isEqualTo(expected);
    }

    private static boolean isForTheMachine(String query) {
        var bound = Kql.bind(query, FuzzCluster.catalog(), BindOptions.at(0));
        assertThat(bound.problems()).as(query).isEmpty();
        return bound.results().getFirst().plan() instanceof Plan.StepScan scan && ScanProgram.of(scan).isPresent();
    }

    /// Scans with every type and everything that a machine computes.
    private record ScanGenerator(Draw draw) {
        private static final Map<Type, String> COLUMNS = Map.of(Type.BOOL, "b", Type.INT, "n", Type.LONG, "l", Type.REAL, "r", Type.DATETIME, "t",
                Type.TIMESPAN, "d", Type.STRING, "s", Type.GUID, "g", Type.DYNAMIC, "j");
        private static final List<Type> TYPES = List.copyOf(COLUMNS.keySet().stream().sorted().toList());
        private static final List<String> STEPS = List.of("a", "b", "c");
        private static final int DEPTH = 3;

        private static final Map<Type, List<String>> VALUES = Map.of(
                Type.BOOL, List.of("true", "false", "bool(null)"),
                Type.INT, List.of("1", "0", "-7", "2147483647", "int(-2147483648)", "int(null)"),
                Type.LONG, List.of("1", "0", "-1", "3", "-12", "9223372036854775807", "long(-9223372036854775808)", "4294967296", "long(null)"),
                Type.REAL, List.of("1.5", "-0.25", "0.0", "-0.0", "1e300", "1e-7", "real(nan)", "real(+inf)", "real(-inf)", "9.3e18", "123456.789", "real(null)"),
                Type.DATETIME, List.of("datetime(2024-01-01)", "datetime(2024-01-01 00:00:59.9999999)", "datetime(0001-01-01)",
                        "datetime(9999-12-31 23:59:59.9999999)", "datetime(null)"),
                Type.TIMESPAN, List.of("1h", "-1s", "0s", "1tick", "timespan(10675199.02:48:05.4775807)", "timespan(-10675199.02:48:05.4775807)", "timespan(null)"),
                Type.STRING, List.of("'a'", "''", "'A b'", "'é😀'", "'\\u001d\\u001e\\u001f#'", "'a\\u001eb'"),
                Type.GUID, List.of("guid(74be27de-1e4e-49d9-b579-fe0b331d3642)", "guid(00000000-0000-0000-0000-000000000000)", "guid(null)"),
                Type.DYNAMIC, List.of("dynamic({'a': [1, 2]})", "dynamic('')", "dynamic(7)", "dynamic(null)"));

        String value(Type type) {
            String value = draw.any(VALUES.get(type));
            return type == Type.INT && !value.startsWith("int") ? "int(" + value + ")" : value;
        }

        String rows() {
            var cells = new StringJoiner(", ");
            for (int i = 1; i <= 4 + draw.below(12); i++) {
                cells.add(Integer.toString(i));
                TYPES.forEach(type -> cells.add(value(type)));
            }
            var columns = new StringJoiner(", ");
            TYPES.forEach(type -> columns.add(COLUMNS.get(type) + ":" + type));
            return "datatable(i:long, " + columns + ")[" + cells + "]";
        }

        /// Of one to three steps; each assigns something.
        String scan() {
            var declared = new StringJoiner(", ");
            for (Type type : TYPES) {
                declared.add("x" + COLUMNS.get(type) + ":" + type + (draw.one(2) ? " = " + value(type) : ""));
            }
            var steps = new StringBuilder();
            int count = 1 + draw.below(STEPS.size());
            for (int k = 0; k < count; k++) {
                String condition = draw.one(2) ? "true" : draw.one(2) ? column(Type.LONG) + " % 2 == 0 or " + of(Type.BOOL, 1) : of(Type.BOOL, DEPTH);
                steps.append("step ").append(STEPS.get(k)).append(' ').append(draw.anyOf("", "output=all", "output=last", draw.one(3) ? "output=none" : ""))
                        .append(": ").append(condition).append(" => ").append(assignments()).append("; ");
            }
            String used = steps.toString();
            for (int k = count; k < STEPS.size(); k++) {
                used = used.replaceAll("\\b" + STEPS.get(k) + "\\.", "a.");
            }
            return "scan " + (draw.one(2) ? "with_match_id=m " : "") + "declare (" + declared + ") with (" + used + ")";
        }

        private String assignments() {
            var assigned = new StringJoiner(", ");
            var left = new ArrayList<>(TYPES);
            for (int i = 1 + draw.below(5); i > 0; i--) {
                Type type = left.remove(draw.below(left.size()));
                assigned.add((draw.one(4) ? "" : "x") + COLUMNS.get(type) + " = " + of(type, DEPTH));
            }
            return assigned.toString();
        }

        private String column(Type type) {
            String name = (draw.one(2) ? "x" : "") + COLUMNS.get(type);
            return draw.one(6) ? name : draw.one(3) ? COLUMNS.get(type) : draw.any(STEPS) + "." + name;
        }

        private String number() {
            return of(Type.LONG, 1);
        }

        private String of(Type type, int depth) {
            if (depth == 0) {
                return draw.one(4) ? value(type) : column(type);
            }
            int d = depth - 1;
            if (draw.one(5)) {
                return draw.oneOf(() -> "iff(" + of(Type.BOOL, d) + ", " + of(type, d) + ", " + of(type, d) + ")",
                        () -> "case(" + of(Type.BOOL, d) + ", " + of(type, d) + ", " + of(Type.BOOL, d) + ", " + of(type, d) + ", " + of(type, d) + ")");
            }
            if (draw.one(8) && type != Type.DYNAMIC) {
                return "coalesce(" + of(type, d) + ", " + of(type, d) + ")";
            }
            return switch (type) {
                case BOOL -> truth(d);
                case INT -> draw.oneOf(() -> "toint(" + of(Type.LONG, d) + ")", () -> "toint(" + of(Type.REAL, d) + ")", () -> column(Type.INT));
                case LONG -> draw.oneOf(() -> infix(Type.LONG, draw.anyOf("+", "-", "*", "/", "%"), d), () -> "(" + of(Type.INT, d) + " + " + number() + ")",
                        () -> "abs(" + of(Type.LONG, d) + ")", () -> "-" + column(Type.LONG), () -> "strlen(" + of(Type.STRING, d) + ")",
                        () -> "tolong(" + of(draw.any(List.of(Type.REAL, Type.INT, Type.TIMESPAN, Type.DATETIME, Type.BOOL)), d) + ")",
                        () -> draw.anyOf("max_of(", "min_of(") + of(Type.LONG, d) + ", " + of(Type.LONG, d) + ", " + number() + ")",
                        () -> "datetime_diff('" + draw.anyOf("minute", "day", "second") + "', " + of(Type.DATETIME, d) + ", " + of(Type.DATETIME, d) + ")");
                case REAL -> draw.oneOf(() -> infix(Type.REAL, draw.anyOf("+", "-", "*", "/"), d), () -> "abs(" + of(Type.REAL, d) + ")", () -> "-" + column(Type.REAL),
                        () -> "(" + of(Type.REAL, d) + " + " + of(Type.LONG, d) + ")", () -> infix(Type.TIMESPAN, "/", d),
                        () -> "toreal(" + of(draw.any(List.of(Type.LONG, Type.INT, Type.BOOL)), d) + ")",
                        () -> draw.anyOf("max_of(", "min_of(") + of(Type.REAL, d) + ", " + of(Type.REAL, d) + ")");
                case DATETIME -> draw.oneOf(() -> "(" + of(Type.DATETIME, d) + draw.anyOf(" + ", " - ") + of(Type.TIMESPAN, d) + ")",
                        () -> "todatetime(" + of(Type.LONG, d) + ")", () -> "max_of(" + of(Type.DATETIME, d) + ", " + of(Type.DATETIME, d) + ")",
                        () -> "(" + column(Type.TIMESPAN) + " + " + of(Type.DATETIME, d) + ")");
                case TIMESPAN -> draw.oneOf(() -> infix(Type.TIMESPAN, draw.anyOf("+", "-", "%"), d), () -> infix(Type.DATETIME, "-", d),
                        () -> "(" + of(Type.TIMESPAN, d) + draw.anyOf(" * ", " / ") + of(Type.LONG, d) + ")", () -> "-" + column(Type.TIMESPAN),
                        () -> "(" + of(Type.DATETIME, d) + " % " + of(Type.TIMESPAN, d) + ")", () -> "abs(" + of(Type.TIMESPAN, d) + ")");
                case STRING -> draw.oneOf(() -> "strcat(" + of(Type.STRING, d) + ", '-', " + of(Type.LONG, d) + ")", () -> "tostring(" + of(Type.BOOL, d) + ")",
                        () -> "tostring(" + of(Type.LONG, d) + ")", () -> column(Type.STRING));
                case GUID, DYNAMIC -> column(type);
                case DECIMAL -> throw new AssertionError("a machine holds no decimals");
            };
        }

        private String truth(int d) {
            Type type = draw.any(List.of(Type.BOOL, Type.INT, Type.LONG, Type.REAL, Type.DATETIME, Type.TIMESPAN));
            Type alike = draw.any(List.of(Type.BOOL, Type.LONG, Type.REAL, Type.DATETIME, Type.TIMESPAN, Type.STRING, Type.GUID));
            Type whole = draw.any(List.of(Type.LONG, Type.DATETIME, Type.TIMESPAN));
            Type text = draw.any(List.of(Type.STRING, Type.DYNAMIC, Type.GUID, Type.LONG));
            return draw.oneOf(() -> infix(alike, draw.anyOf("==", "!="), d), () -> infix(type, draw.anyOf("<", "<=", ">", ">="), d),
                    () -> infix(Type.BOOL, draw.anyOf("and", "or"), d), () -> "not(" + of(Type.BOOL, d) + ")",
                    () -> draw.anyOf("isempty(", "isnotempty(", "isnull(", "isnotnull(") + of(text, d) + ")",
                    () -> "(" + of(whole, d) + draw.anyOf(" between (", " !between (") + of(whole, d) + " .. " + of(whole, d) + "))",
                    () -> "(" + of(alike == Type.REAL ? Type.LONG : alike, d) + draw.anyOf(" in (", " !in (") + value(alike == Type.REAL ? Type.LONG : alike) + ", "
                            + of(alike == Type.REAL ? Type.LONG : alike, d) + "))",
                    () -> "tobool(" + of(Type.LONG, d) + ")");
        }

        private String infix(Type type, String sign, int d) {
            return "(" + of(type, d) + " " + sign + " " + of(type, d) + ")";
        }
    }
}
