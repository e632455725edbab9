package io.conshelf.engine.sql;

import io.conshelf.kql.function.Lowering.IntrinsicFunction;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Plan;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Tables as items for FROM, with what the statement asks of a row beside its columns: when it came, in which extent, behind which cursor.
final class ScanSql {
    private final Plan root;
    private final QueryContext context;
    private final Set<Relations.Hidden> needed;
    private final boolean sorts;
    private final Map<String, Plan.TableId> tables = new HashMap<>();
    private Optional<ScanHints> hints = Optional.empty();

    /// @param root of the whole statement
    ScanSql(Plan root, QueryContext context) {
        this.root = root;
        this.context = context;
        this.sorts = Intrinsics.sorts(root);
        Set<IntrinsicFunction> intrinsics = Intrinsics.of(root);
        this.needed = Arrays.stream(Relations.Hidden.values())
                .filter(hidden -> hidden.neededBy().stream().anyMatch(intrinsics::contains)).collect(Collectors.toUnmodifiableSet());
    }

    Select select(Plan.Scan scan, String alias) {
        Relations.Relation relation = context.relations().of(scan, () -> hints().over(scan), needed);
        var values = new LinkedHashMap<Integer, String>();
        // Storage's ids look like a plan's, so they are always qualified: an unqualified name would find the alias first.
        for (Column column : scan.columns()) {
            values.put(column.id(), alias + "." + relation.columns().get(column.name()));
        }
        relation.hidden().forEach((hidden, sql) -> {
            if (needed.contains(hidden)) {
                values.put(hiddenId(hidden), sql.replace("{row}", alias));
            }
        });
        Select rows = Select.from(relation.from() + " AS " + alias, values);
        tables.put(rows.from(), scan.table());
        if (!relation.hidden().containsKey(Relations.Hidden.COMMIT_SEQUENCE)) {
            return rows;
        }
        String commit = relation.hidden().get(Relations.Hidden.COMMIT_SEQUENCE).replace("{row}", alias);
        Select scoped = context.cursors()
                .scopeSql(scan.table().name(), commit, relation.hidden().get(Relations.Hidden.CURSOR_HORIZON))
                .map(rows::and).orElse(rows);
        return sorts ? scoped.and(commit + Relations.IS_THERE) : scoped;
    }

    /// How many rows an item for FROM has if it is a stored table of which that is known; else 0.
    long rows(String from) {
        return tables.containsKey(from) ? context.relations().rows(tables.get(from)).orElse(0) : 0;
    }

    /// Whether an item for FROM is a stored table that is known to have no NaN in one of storage's columns.
    boolean isWithoutNan(String from, String column) {
        return tables.containsKey(from) && context.relations().isWithoutNan(tables.get(from), column);
    }

    private ScanHints hints() {
        if (hints.isEmpty()) {
            hints = Optional.of(ScanHints.of(root));
        }
        return hints.get();
    }

    private static int hiddenId(Relations.Hidden hidden) {
        return switch (hidden) {
            case INGESTION_TIME -> ExprWriter.INGESTION_TIME;
            case EXTENT_ID -> ExprWriter.EXTENT_ID;
            case EXTENT_TAGS -> ExprWriter.EXTENT_TAGS;
            case COMMIT_SEQUENCE -> ExprWriter.COMMIT_SEQUENCE;
            case CURSOR_HORIZON -> ExprWriter.CURSOR_HORIZON;
        };
    }
}
