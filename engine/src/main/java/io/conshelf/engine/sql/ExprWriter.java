package io.conshelf.engine.sql;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.duck.Sql;
import io.conshelf.kql.function.Lowering;
import io.conshelf.kql.function.Lowering.IntrinsicFunction;
import io.conshelf.kql.function.Template;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.type.Type;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Renders scalar expressions over the columns of one [Select].
///
/// @param values   SQL of the columns in reach, by id
/// @param outer    SQL of the columns of the rows around a correlated subquery
/// @param rowOrder the column that numbers rows, where aggregates must keep their order; else empty
/// @param isInner  whether this belongs to a query inside an expression
record ExprWriter(
        QueryContext context,
        Subqueries subqueries,
        TextBounds bounds,
        Map<Integer, String> values,
        Map<Integer, String> outer,
        Optional<String> rowOrder,
        boolean isInner) {

    static final int INGESTION_TIME = -1;
    static final int EXTENT_ID = -2;
    static final int EXTENT_TAGS = -3;
    static final int COMMIT_SEQUENCE = -4;
    static final int CURSOR_HORIZON = -5;

    /// Longer than this no text becomes SQL: nesting of doubled arguments would grow without end.
    private static final int TEXT_CHARS_MAX = 8 << 20;

    /// In a template: the arguments behind the first, or a query of them.
    private static final String LIST = "IN ({1*})";

    private static final Set<String> JUNCTIONS = Set.of("{0} AND {1}", "{0} OR {1}");

    /// One of the arguments behind the first, which no longer stands alone where they are a query.
    private static final Pattern LISTED = Pattern.compile("\\{[1-9][0-9]*}");

    private static final Pattern OF_ONE_LIST = Pattern.compile("\\b(kql_(?:has_(?:any|all|any_index)|in_(?:text|value|dynamic|lowered)))_of\\(");

    /// How plans inside expressions become SQL.
    interface Subqueries {
        /// A SELECT of the plan's first column, at most `rows` rows where given.
        String firstColumn(Plan plan, boolean oneRow);

        /// A SELECT of a query's first cell.
        String cell(Expr.ScalarQuery query);
    }

    String write(Expr expression) {
        String sql = switch (expression) {
            case Expr.Ref ref -> column(ref);
            case Expr.Constant constant -> Literals.of(constant);
            case Expr.Null none -> Literals.nullOf(none.type());
            case Expr.Call call -> call(call);
            case Expr.Aggregate aggregate -> aggregate(aggregate);
            case Expr.ScalarQuery query -> scalarQuery(query);
            case Expr.InQuery in -> inQuery(in);
        };
        if (sql.length() > TEXT_CHARS_MAX) {
            throw new KustoException(Errors.badRequest("The query is too complex: an expression in it has grown beyond "
                    + "what can be run. Split it with 'extend' into steps."));
        }
        return sql;
    }

    /// A predicate that chooses rows. Null is as good as false there, so what makes null false is left out, and DuckDB sees a
    /// comparison that it can answer from its statistics, or join by.
    String condition(Expr predicate) {
        if (predicate instanceof Expr.InQuery in) {
            return membership(in);
        }
        if (!(predicate instanceof Expr.Call call && call.lowering() instanceof Lowering.Sql sql)) {
            return write(predicate);
        }
        if (JUNCTIONS.contains(sql.template())) {
            return Template.fill(sql.template(), call.arguments().stream().map(this::condition).toList());
        }
        return write(new Expr.Call(call.function(), sql.asCondition(), call.arguments(), call.type()));
    }

    private String column(Expr.Ref ref) {
        int id = ref.column().id();
        String own = values.get(id);
        if (own != null) {
            return own;
        }
        String around = outer.get(id);
        if (around == null && isInner) {
            throw new KustoException(Errors.badRequest("A query inside an expression is run once, before any row: it cannot"
                    + " use the column '" + ref.column().name() + "' of the rows around it."));
        }
        if (around == null) {
            throw new AssertionError("column " + ref.column() + " is not in reach of its expression");
        }
        return around;
    }

    private String call(Expr.Call call) {
        return switch (call.lowering()) {
            case Lowering.Sql sql -> {
                String template = bounds.template(call, outer.isEmpty() ? sql.template() : ofEachRow(sql.template()));
                Optional<String> list = template.contains(LIST) && !LISTED.matcher(template).find()
                        ? ConstantList.query(call.arguments().subList(1, call.arguments().size())) : Optional.empty();
                yield list.isPresent()
                        ? inConstants(call, template, list.get())
                        : WrittenOnce.fill(template, call.arguments(),
                                bounds.fitting(call, template, VersionNumbers.haveTypeOfOthers(call) ? writeChoices(call) : writeAll(call.arguments())));
            }
            case Lowering.Intrinsic intrinsic -> intrinsic(intrinsic.function(), call);
            case Lowering.Window _ ->
                throw new AssertionError("'" + call.function() + "' stands outside a plan that knows row order");
            case Lowering.Rewrite _, Lowering.Columns _, Lowering.Form _ ->
                throw new AssertionError("binding left '" + call.function() + "' as it was written");
        };
    }

    private String inConstants(Expr.Call call, String template, String list) {
        Expr needle = call.arguments().getFirst();
        String sql = write(needle);
        // What must not be repeated stands where no query may.
        return WrittenOnce.isRepeated(template, 0, needle, sql)
                ? WrittenOnce.fill(template, call.arguments(),
                        Stream.concat(Stream.of(sql), call.arguments().stream().skip(1).map(this::write)).toList())
                : Template.fill(template.replace("[{1*}]", "ARRAY({1*})"), List.of(sql, list));
    }

    /// A query's result is the same in all rows, but not where the query may look at the rows around it.
    private static String ofEachRow(String template) {
        return OF_ONE_LIST.matcher(template).replaceFirst("$1(");
    }

    private List<String> writeChoices(Expr.Call call) {
        return call.arguments().stream().map(argument -> argument instanceof Expr.Null && argument.type() == Type.DECIMAL ? "NULL" : write(argument)).toList();
    }

    List<String> writeAll(List<Expr> expressions) {
        return expressions.stream().map(this::write).toList();
    }

    private String aggregate(Expr.Aggregate aggregate) {
        String order = rowOrder.map(column -> " ORDER BY " + column).orElse("");
        String template = aggregate.template().replace(" {order}", order).replace("{order}", order);
        String sql = Template.fill(template, writeAll(aggregate.arguments()));
        // An aggregate over no rows is SQL's NULL; Kusto's strings have none.
        return aggregate.type() == Type.STRING ? "coalesce(" + sql + ", '')" : sql;
    }

    private String scalarQuery(Expr.ScalarQuery query) {
        String sql = "(" + subqueries.cell(query) + ")";
        return query.type() == Type.STRING ? "coalesce(" + sql + ", '')" : sql;
    }

    private String inQuery(Expr.InQuery in) {
        return "coalesce(" + membership(in) + ", false)";
    }

    private String membership(Expr.InQuery in) {
        String needle = Template.atom(write(in.needle()));
        String rows = subqueries.firstColumn(in.plan(), false);
        if (!in.ignoreCase()) {
            return needle + " IN (" + rows + ")";
        }
        int id = in.plan().columns().getFirst().id();
        String lowered = "SELECT lower(" + Select.name(id) + ") FROM (" + rows + ")";
        return "lower(" + needle + ") IN (" + lowered + ")";
    }

    private String intrinsic(IntrinsicFunction function, Expr.Call call) {
        return switch (function) {
            case NOW -> {
                String now = Literals.of(Type.DATETIME, context.now());
                yield call.arguments().isEmpty() ? now : now + " + " + Template.atom(write(call.arguments().getFirst()));
            }
            case CURRENT_DATABASE -> Sql.text(context.database());
            case CURRENT_PRINCIPAL -> Sql.text(context.principal().fullyQualifiedName());
            case CURRENT_PRINCIPAL_DETAILS -> Sql.text(AskingPrincipal.details(context.principal()));
            case CURRENT_PRINCIPAL_IS_MEMBER_OF -> String.valueOf(AskingPrincipal.isOneOf(context.principal(), call.arguments()));
            case CURRENT_CLUSTER_ENDPOINT -> Sql.text(context.clusterUri());
            case RAND -> "random()";
            case NEW_GUID -> "gen_random_uuid()";
            case INGESTION_TIME -> hidden(INGESTION_TIME, Type.DATETIME);
            case EXTENT_ID -> hidden(EXTENT_ID, Type.GUID);
            case EXTENT_TAGS -> hidden(EXTENT_TAGS, Type.DYNAMIC);
            case CURSOR_CURRENT -> context.cursors().currentSql();
            case CURSOR_AFTER -> context.cursors().afterSql(
                    ofARow(COMMIT_SEQUENCE, call), ofARow(CURSOR_HORIZON, call), first(call), first(call).map(this::write));
            case CURSOR_BEFORE_OR_AT -> context.cursors().beforeOrAtSql(
                    ofARow(COMMIT_SEQUENCE, call), ofARow(CURSOR_HORIZON, call), first(call), first(call).map(this::write));
        };
    }

    private static Optional<Expr> first(Expr.Call call) {
        return call.arguments().stream().findFirst();
    }

    private String ofARow(int id, Expr.Call call) {
        return Optional.ofNullable(values.get(id)).orElseThrow(() -> new KustoException(Errors.badRequest(call.function()
                + "() can only be invoked on records of a table that has the IngestionTime policy enabled.")));
    }

    private String hidden(int id, Type type) {
        return Optional.ofNullable(values.get(id)).orElseGet(() -> Literals.nullOf(type));
    }
}
