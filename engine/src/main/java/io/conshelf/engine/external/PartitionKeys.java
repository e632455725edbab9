package io.conshelf.engine.external;

import io.conshelf.engine.duck.Sql;
import io.conshelf.engine.store.ExternalTable.Files;
import io.conshelf.engine.store.ExternalTable.Partition;
import io.conshelf.engine.store.ExternalTable.PeriodKind;
import io.conshelf.engine.store.ExternalTable.Rule;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.Ticks;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// What rows that are exported are put apart by, as SQL over columns `v0`, `v1` …, and the folders that come of it.
public final class PartitionKeys {
    private final List<Partition> partitions;
    private final PartitionPath path;
    private final List<ColumnSchema> columns;

    /// @param columns of the rows
    public PartitionKeys(Files files, List<ColumnSchema> columns) {
        this.partitions = files.partitions();
        this.path = new PartitionPath(files);
        this.columns = List.copyOf(columns);
    }

    /// `k0, k1`
    public String names() {
        return numbered("").stream().collect(Collectors.joining(", "));
    }

    private List<String> numbered(String alias) {
        var names = new ArrayList<String>();
        for (int i = 0; i < partitions.size(); i++) {
            names.add(alias + "k" + i);
        }
        return names;
    }

    /// All of so many columns, then the keys.
    public List<String> values(int count) {
        var values = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            values.add("v" + i);
        }
        for (int i = 0; i < partitions.size(); i++) {
            values.add(key(partitions.get(i)) + " AS k" + i);
        }
        return values;
    }

    /// A key groups at least as finely as the partition: months and years are told from days afterwards.
    private String key(Partition partition) {
        return switch (partition.rule()) {
            case Rule.Virtual _ -> column(partition.name());
            case Rule.Value(String column) -> column(column);
            case Rule.Hash(String column, long modulus) -> "kql_modulo(kql_hash_text(" + column(column) + "), " + modulus + ")";
            case Rule.Period(String column, PeriodKind kind, long bin) -> {
                long width = kind == PeriodKind.BIN ? bin : Ticks.DAY;
                yield column(column) + " - " + column(column) + " % " + width;
            }
        };
    }

    private String column(String name) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).name().equals(name)) {
                return "v" + i;
            }
        }
        throw new IllegalStateException("a partition is by the column '" + name + "', which is not there");
    }

    /// Where two relations have the same keys.
    public String join(String left, String right) {
        var terms = new ArrayList<String>();
        for (int i = 0; i < partitions.size(); i++) {
            terms.add(left + ".k" + i + " IS NOT DISTINCT FROM " + right + ".k" + i);
        }
        return String.join(" AND ", terms);
    }

    /// The keys of a row as SQL.
    public String literals(ResultSet row) throws SQLException {
        var literals = new ArrayList<String>();
        for (int i = 1; i <= partitions.size(); i++) {
            String text = row.getString(i);
            boolean isNumber = partitions.get(i - 1).type() != Type.STRING;
            literals.add(text == null ? "NULL" : isNumber ? text : Sql.text(text));
        }
        return String.join(", ", literals);
    }

    /// The folders of a row of keys.
    public String folder(ResultSet row) throws SQLException {
        Map<String, Object> values = new HashMap<>();
        for (int i = 1; i <= partitions.size(); i++) {
            var partition = partitions.get(i - 1);
            if (partition.type() == Type.STRING) {
                values.put(partition.name(), row.getString(i) == null ? "" : row.getString(i));
            } else {
                long value = row.getLong(i);
                if (!row.wasNull()) {
                    values.put(partition.name(), partition.type() == Type.DATETIME ? begun(partition, value) : value);
                }
            }
        }
        String folder = path.of(values);
        return folder.endsWith("/") ? folder.substring(0, folder.length() - 1) : folder;
    }

    /// The beginning of the partition's period that a day lies in.
    private static long begun(Partition partition, long ticks) {
        if (!(partition.rule() instanceof Rule.Period(_, PeriodKind kind, _))) {
            return ticks;
        }
        return switch (kind) {
            case BIN, DAY -> ticks;
            case WEEK -> ticks - Ticks.dayOfWeek(ticks) * Ticks.DAY;
            case MONTH -> Ticks.ofDate(Ticks.year(ticks), Ticks.month(ticks), 1);
            case YEAR -> Ticks.ofDate(Ticks.year(ticks), 1, 1);
        };
    }

    /// The positions of the columns that are written into files: those that only the path has are not.
    public List<Integer> stored(List<ColumnSchema> all) {
        var stored = new ArrayList<Integer>();
        for (int i = 0; i < all.size(); i++) {
            String name = all.get(i).name();
            if (partitions.stream().noneMatch(p -> p.rule() instanceof Rule.Virtual && p.name().equals(name))) {
                stored.add(i);
            }
        }
        return stored;
    }
}
