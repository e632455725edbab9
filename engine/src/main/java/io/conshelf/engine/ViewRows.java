package io.conshelf.engine;

import io.conshelf.engine.ViewAggregate.Ids;
import io.conshelf.engine.ViewShape.Output;
import io.conshelf.engine.command.PassingBy;
import io.conshelf.engine.duck.DuckTypes;
import io.conshelf.engine.sql.Cursors;
import io.conshelf.engine.sql.PlanWriter;
import io.conshelf.engine.sql.QueryContext;
import io.conshelf.engine.sql.Relations;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.MaterializedView;
import io.conshelf.engine.store.Moments;
import io.conshelf.engine.store.Reading;
import io.conshelf.engine.store.Snapshot;
import io.conshelf.engine.store.Table;
import io.conshelf.engine.store.WriteStop;
import io.conshelf.kql.bind.BindOptions;
import io.conshelf.kql.bind.Kql;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/// The rows of one materialized view in one reading, as SQL: its part, what has come to its source since (the delta), and
/// both together.
final class ViewRows {
    /// Rows that are in no part yet are after every cursor.
    private static final long NOT_YET = Long.MAX_VALUE;

    private final StoredRelations relations;
    private final Reading reading;
    private final Database database;
    private final MaterializedView view;
    private final Table part;
    private final long now;
    private Optional<ViewShape> shape = Optional.empty();

    /// @param relations of the reading, with the snapshot in which the database is as it is here
    ViewRows(StoredRelations relations, Database database, MaterializedView view) {
        this.relations = relations;
        this.reading = relations.reading();
        this.database = database;
        this.view = view;
        this.part = view.part().orElseThrow();
        this.now = relations.now();
    }

    // ---- for queries

    /// The whole view, always as of now.
    Relations.Relation whole() {
        long cursor = reading.viewState(part).cursor();
        if (!hasDelta(cursor, OptionalLong.empty())) {
            return relation(partSql(), true);
        }
        return relation(wholeSql(cursor), false);
    }

    /// What is materialized of the view.
    Relations.Relation materialized() {
        return relation(partSql(), true);
    }

    private Relations.Relation relation(String sql, boolean isPart) {
        Map<String, String> columns = new HashMap<>();
        for (int i = 0; i < view.columns().size(); i++) {
            columns.put(view.columns().get(i).name(), "o" + i);
        }
        return new Relations.Relation("(" + sql + ")", columns, isPart && !isAggregated()
                ? Map.of(Relations.Hidden.INGESTION_TIME, "{row}." + Table.INGESTED_COLUMN) : Map.of());
    }

    /// Whether reading puts rows together even where only the part is read. Without keys there is always one row.
    private boolean isAggregated() {
        return view.definition().isGrouped() || view.definition().keys().isEmpty();
    }

    private String partSql() {
        return isAggregated() ? aggregated(partRows()) : "SELECT " + outputs(part) + times() + " FROM " + stored() + " WHERE " + Table.COMMIT_COLUMN + Relations.IS_THERE;
    }

    private String wholeSql(long cursor) {
        String delta = "(" + delta(cursor, OptionalLong.empty()) + ")";
        if (isAggregated()) {
            return aggregated(partRows() + " UNION ALL SELECT * FROM " + delta + " AS d");
        }
        if (shape().isAppendOnly()) {
            return "SELECT " + outputs(part) + times() + " FROM " + stored() + " UNION ALL SELECT " + outputs(part) + ", 0, " + NOT_YET
                    + " FROM " + delta + " AS d WHERE NOT EXISTS (SELECT 1 FROM " + stored() + " AS p WHERE " + match() + ")";
        }
        return "WITH view_delta AS MATERIALIZED " + delta + " SELECT " + outputs(part) + " FROM " + stored()
                + " AS p WHERE NOT EXISTS (SELECT 1 FROM view_delta AS d WHERE " + match() + ") UNION ALL SELECT " + outputs(part)
                + " FROM (" + merged("SELECT * FROM view_delta UNION ALL SELECT " + columnIds() + " FROM " + stored()
                        + " AS p WHERE EXISTS (SELECT 1 FROM view_delta AS d WHERE " + match() + ")") + ") AS m";
    }

    private static String times() {
        return ", " + Table.INGESTED_COLUMN + ", " + Table.COMMIT_COLUMN;
    }

    /// The view's columns of rows that have the part's.
    private String outputs(Table rows) {
        var items = new ArrayList<String>();
        for (int i = 0; i < view.columns().size(); i++) {
            ColumnSchema column = view.columns().get(i);
            String value = rows.column(column.name()).filter(c -> c.type() == column.type()).map(c -> c.id())
                    .orElse("CAST(NULL AS " + DuckTypes.of(column.type()) + ")");
            items.add((column.type() == Type.STRING ? "coalesce(" + value + ", '')" : value) + " AS o" + i);
        }
        return String.join(", ", items);
    }

    /// The view's columns of rows of the part, of which several may be of one group.
    private String aggregated(String rows) {
        var items = new ArrayList<String>();
        Ids ids = ids();
        for (int i = 0; i < view.columns().size(); i++) {
            ColumnSchema column = view.columns().get(i);
            Optional<Output> output = shape().outputs().stream().filter(o -> o.column().equals(column)).findFirst();
            String value = output.flatMap(Output::read).map(read -> read.sql(ids))
                    .or(() -> output.map(o -> ids.of(column.name())))
                    .or(() -> part.column(column.name()).map(c -> "any_value(" + c.id() + ")"))
                    .orElse("NULL");
            String typed = "CAST(" + value + " AS " + DuckTypes.of(column.type()) + ")";
            items.add((column.type() == Type.STRING ? "coalesce(" + typed + ", '')" : typed) + " AS o" + i);
        }
        String groups = view.definition().keys().stream().map(ids::of).collect(Collectors.joining(", "));
        return "SELECT " + String.join(", ", items) + " FROM (SELECT *" + shape().windows(ids) + " FROM (" + rows + ") AS u) AS g"
                + (groups.isEmpty() ? "" : " GROUP BY " + groups);
    }

    // ---- for materializing

    /// Whether rows came to the source after a cursor.
    ///
    /// @param upTo the last commit that counts; all that can be seen count where there is none
    boolean hasDelta(long after, OptionalLong upTo) {
        return reading.hasRows("SELECT 1 FROM " + source(after, upTo).from() + " AS s");
    }

    /// The delta in the columns of [#columnIds].
    String delta(long after, OptionalLong upTo) {
        Relations.Relation source = source(after, upTo);
        String sourceId = sourceId();
        Relations scoped = id -> id.tableId().equals(sourceId) ? source : relations.of(id);
        Plan.Aggregate plan = shape().delta(part.schema());
        String sql = WriteStop.current().marked(PlanWriter.write(plan, context(scoped)).sql());
        var items = new ArrayList<String>();
        for (ColumnSchema column : stored(part)) {
            int at = plan.columns().stream().map(c -> c.schema()).toList().indexOf(column);
            items.add((at < 0 ? "CAST(NULL AS " + DuckTypes.of(column.type()) + ")" : "CAST(r" + at + " AS " + DuckTypes.of(column.type()) + ")")
                    + " AS " + part.column(column.name()).orElseThrow().id());
        }
        return "SELECT " + String.join(", ", items) + " FROM (" + sql + ") AS q";
    }

    /// When the last row of the delta was ingested, as SQL of one number.
    String deltaIngested(long after, OptionalLong upTo) {
        return "SELECT coalesce(max(" + Table.INGESTED_COLUMN + "), 0) FROM " + source(after, upTo).from() + " AS s";
    }

    /// Rows of the part put together by what it is grouped by, in the columns of [#columnIds].
    String merged(String rows) {
        Ids ids = ids();
        var groups = shape().groupColumns().stream().map(ColumnSchema::name).filter(name -> part.column(name).isPresent()).toList();
        var items = new ArrayList<String>();
        for (ColumnSchema column : stored(part)) {
            String id = ids.of(column.name());
            String value = groups.contains(column.name()) ? id : shape().pieces().stream()
                    .filter(piece -> piece.column().equals(column))
                    .map(piece -> "CAST(" + piece.merge().sql(ids) + " AS " + DuckTypes.of(column.type()) + ")")
                    .findFirst().orElse("any_value(" + id + ")");
            items.add(value + " AS " + id);
        }
        return "SELECT " + String.join(", ", items) + " FROM (" + rows + ") AS u"
                + (groups.isEmpty() ? "" : " GROUP BY " + groups.stream().map(ids::of).collect(Collectors.joining(", ")));
    }

    /// The ids of the part's columns.
    String columnIds() {
        return part.columns().stream().map(c -> c.id()).collect(Collectors.joining(", "));
    }

    /// The condition on a row `p` of the part and a row `d` of the delta to be of one group.
    String match() {
        Ids ids = ids();
        return shape().groupColumns().isEmpty() ? "true" : shape().groupColumns().stream()
                .map(column -> "p." + ids.of(column.name()) + " IS NOT DISTINCT FROM d." + ids.of(column.name()))
                .collect(Collectors.joining(" AND "));
    }

    /// @throws KustoException when the view's query does not bind any more
    ViewShape shape() {
        if (shape.isEmpty()) {
            shape = Optional.of(shape(relations.snapshot(), database, view.query(), now));
        }
        return shape.get();
    }

    static ViewShape shape(Snapshot snapshot, Database database, String query, long now) {
        var bound = Kql.bind(
                query, new CatalogSnapshot(snapshot, database.name(), Principal.LOCAL_ADMINISTRATOR, true), BindOptions.at(now));
        UpdatePolicyRuns.checked(bound, query);
        Plan plan = bound.results().getFirst().plan();
        // What stands behind the names in the query changes, and whoever reads the view may not have been able to read that: so it is asked each time.
        PassingBy.refusal(PassingBy.Reader.MATERIALIZED_VIEW, database, PlanWriter.tables(plan)).ifPresent(problem -> {
            throw ViewShape.bad(problem);
        });
        return ViewShape.of(plan);
    }

    private String stored() {
        return part.id().databaseId() + ".data." + part.rows();
    }

    private String partRows() {
        return "SELECT " + columnIds() + " FROM " + stored();
    }

    private static List<ColumnSchema> stored(Table part) {
        return part.schema();
    }

    private Ids ids() {
        return name -> part.column(name).orElseThrow(() -> ViewShape.bad("the column '" + name + "' of '" + view.name()
                + "' is not in its part; alter the view so that it is")).id();
    }

    private String sourceId() {
        return view.definition().isOverView()
                ? StoredRelations.wholeId(sourceView())
                : sourceTable().id().tableId();
    }

    private Table sourceTable() {
        return database.table(view.source()).orElseThrow(() -> ViewShape.bad(
                "the source table '" + view.source() + "' of '" + view.name() + "' is not there"));
    }

    private MaterializedView sourceView() {
        return database.view(view.source()).filter(v -> v.part().isPresent()).orElseThrow(() -> ViewShape.bad(
                "the source view '" + view.source() + "' of '" + view.name() + "' is not there"));
    }

    /// The rows of the source after a cursor.
    private Relations.Relation source(long after, OptionalLong upTo) {
        String scope = Table.COMMIT_COLUMN + " > " + after
                + (upTo.isPresent() ? " AND " + Table.COMMIT_COLUMN + " <= " + upTo.getAsLong() : "")
                + view.since().map(since -> " AND " + Table.INGESTED_COLUMN + " >= " + Moments.ticks(since)).orElse("");
        if (!view.definition().isOverView()) {
            Table table = sourceTable();
            return StoredRelations.relation(
                    table, "(SELECT * FROM " + reading.relation(table.id()) + " AS s WHERE " + scope + ")", Long.MAX_VALUE);
        }
        // Only what is in the part of the other view has a place among its commits.
        var other = new ViewRows(relations, database, sourceView());
        var rows = upTo.isPresent() ? other.materialized() : other.whole();
        return new Relations.Relation("(SELECT * FROM " + rows.from() + " AS s WHERE " + scope + ")", rows.columns(), rows.hidden());
    }

    private QueryContext context(Relations scoped) {
        return new QueryContext(
                now, database.name(), Principal.LOCAL_ADMINISTRATOR, QueryRunner.CLUSTER_URI, scoped, Map.of(),
                Cursors.at(0));
    }

    /// What stands for a view in plans.
    static Optional<MaterializedView> byPart(Database database, String partId) {
        return database.viewsByName().values().stream()
                .filter(v -> v.part().filter(p -> p.id().tableId().equals(partId)).isPresent())
                .findFirst();
    }
}
