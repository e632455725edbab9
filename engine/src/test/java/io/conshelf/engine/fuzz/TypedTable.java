package io.conshelf.engine.fuzz;

import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// A small table with a column of each type that has an order, whose cells are few values, nulls and NaN.
///
/// @param rows the cells, each the place of its value among those of its type; [#NOTHING] is null, or for a real either null or NaN
record TypedTable(List<List<Integer>> rows, String text) {
    static final int NOTHING = -1;

    /// The values of each type in their order.
    static final Map<Type, List<String>> VALUES = new TreeMap<>(Map.of(
            Type.BOOL, List.of("false", "true"),
            Type.INT, List.of("int(-2147483648)", "int(-1)", "int(0)", "int(7)", "int(2147483647)"),
            Type.LONG, List.of("long(-9223372036854775808)", "-3", "0", "2", "9223372036854775807"),
            Type.REAL, List.of("real(-inf)", "-1.5", "0.0", "0.25", "1e300", "real(+inf)"),
            Type.DECIMAL, List.of("decimal(-99999999999.5)", "decimal(-0.25)", "decimal(0)", "decimal(0.1)", "decimal(123456789012345)"),
            Type.DATETIME, List.of("datetime(0001-01-01)", "datetime(2024-02-29)", "datetime(2024-02-29 00:00:00.0000001)", "datetime(9999-12-31)"),
            Type.TIMESPAN, List.of("-3d", "0s", "1tick", "5h"),
            Type.STRING, List.of("''", "'A'", "'B'", "'a'", "'a b'", "'é'", "'😀'"),
            Type.GUID, List.of("guid(00000000-0000-0000-0000-000000000001)", "guid(00000000-0000-0000-8000-000000000000)", "guid(f4be27de-1e4e-49d9-b579-fe0b331d3642)")));

    static final List<Type> TYPES = List.copyOf(VALUES.keySet());

    static TypedTable of(Random random) {
        var rows = new ArrayList<List<Integer>>();
        var texts = new ArrayList<String>();
        int count = random.nextInt(12);
        for (int row = 0; row < count; row++) {
            var cells = new ArrayList<Integer>();
            for (Type type : TYPES) {
                boolean isNothing = type != Type.STRING && random.nextInt(5) == 0;
                List<String> values = VALUES.get(type);
                int cell = isNothing ? NOTHING : random.nextInt(values.size());
                cells.add(cell);
                texts.add(!isNothing ? values.get(cell) : type == Type.REAL && random.nextBoolean() ? "real(nan)" : type.kustoName() + "(null)");
            }
            rows.add(List.copyOf(cells));
        }
        return new TypedTable(List.copyOf(rows), "datatable" + schema() + "[" + String.join(", ", texts) + "]");
    }

    static String schema() {
        return "(" + TYPES.stream().map(type -> name(type) + ":" + type.kustoName()).collect(Collectors.joining(", ")) + ")";
    }

    static String name(Type type) {
        return type.kustoName().charAt(0) + "_" + type.ordinal();
    }

    /// The cells of a column, in the order of the rows.
    Stream<Integer> column(Type type) {
        int at = TYPES.indexOf(type);
        return rows.stream().map(row -> row.get(at));
    }

    int cell(int row, Type type) {
        return rows.get(row).get(TYPES.indexOf(type));
    }

    IntStream places() {
        return IntStream.range(0, rows.size());
    }
}
