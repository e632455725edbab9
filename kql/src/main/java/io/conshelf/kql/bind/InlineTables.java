package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.bind.Outside.Bucket;
import io.conshelf.kql.bind.Outside.Partition;
import io.conshelf.kql.bind.Outside.PathPart;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `inline_external_table`: an external table that is declared where it is read.
final class InlineTables {
    static final String OPERATOR = "inline_external_table";
    private static final List<String> PROPERTIES = List.of("includeHeaders", "encoding", "namePrefix", "fileExtension");
    private static final List<String> PERIODS = List.of("startofday", "startofweek", "startofmonth", "startofyear");

    private final Binder binder;
    private final OutsideSources outside;

    InlineTables(Binder binder, OutsideSources outside) {
        this.binder = binder;
        this.outside = outside;
    }

    Rows table(Syntax.InlineExternalTable table, Scope scope) {
        List<ColumnSchema> columns = outside.columns(table.schema(), OPERATOR);
        if (table.kind().text().equals("delta")) {
            binder.refuse(table.span(), OPERATOR + " kind=delta");
            return new Rows(new Plan.Refused(OPERATOR, columns.stream().map(c -> binder.column(c.name(), c.type())).toList()),
                    columns.isEmpty(), "");
        }
        Map<String, String> properties = new HashMap<>();
        var given = outside.properties(table.properties(), OPERATOR, PROPERTIES);
        given.keySet().forEach(name -> properties.put(name, OutsideSources.text(given, name)));
        List<Partition> partitions = partitions(table.partitions(), columns);
        requireSeparated(table.pathFormat());
        List<PathPart> path = table.pathFormat().stream().map(part -> part(part, partitions)).toList();
        partitions.stream().filter(p -> !path.isEmpty() && path.stream().noneMatch(part -> part.partition().equals(p.name()))).findFirst()
                .ifPresent(missing -> binder.report(Messages.badPath(
                        table.pathFormat().getFirst().span(), "the partition '" + missing.name() + "' is not part of it")));
        List<ColumnSchema> declared = new Outside.Folders(columns, List.of(), "", partitions, path, properties).declared().orElse(columns);
        return outside.places(table.uris(), OPERATOR, scope)
                .map(places -> outside.rows(
                        new Outside.Folders(columns, places, table.dataFormat().text(), partitions, path, properties), table.span()))
                .orElseGet(() -> outside.nothing(declared));
    }

    private List<Partition> partitions(List<Syntax.PartitionColumn> declared, List<ColumnSchema> columns) {
        Map<String, Partition> partitions = new LinkedHashMap<>();
        for (Syntax.PartitionColumn column : declared) {
            Partition partition = partition(column, columns);
            if (partitions.putIfAbsent(partition.name(), partition) != null) {
                binder.report(Messages.columnTwice(column.name().span(), OPERATOR, partition.name()));
            }
        }
        return List.copyOf(partitions.values());
    }

    /// Where nothing stands between two partitions, nobody can tell where the first one ends.
    private void requireSeparated(List<Expression> path) {
        for (int i = 1; i < path.size(); i++) {
            if (!(path.get(i) instanceof Syntax.StringLiteral) && !(path.get(i - 1) instanceof Syntax.StringLiteral)) {
                binder.report(Messages.badPath(path.get(i).span(), "a text such as '/' stands between two partitions"));
            }
        }
    }

    private Partition partition(Syntax.PartitionColumn partition, List<ColumnSchema> columns) {
        String name = partition.name().text();
        Type type = Type.named(partition.type().text()).orElse(Type.STRING);
        Optional<Bucket> bucket = partition.value().flatMap(value -> bucket(value, columns));
        if (partition.value().isPresent() && bucket.isEmpty()) {
            binder.report(Messages.partitionExpected(partition.value().get().span()));
        }
        if (partition.value().isEmpty() && columns.stream().anyMatch(column -> column.name().equals(name))) {
            binder.report(Messages.columnTwice(partition.name().span(), OPERATOR, name));
        }
        bucket.map(InlineTables::typeOf).filter(needed -> needed != type).ifPresent(needed ->
                binder.report(Messages.partitionType(partition.type().span(), name, needed, type)));
        return new Partition(name, type, bucket);
    }

    private static Type typeOf(Bucket bucket) {
        return switch (bucket.function()) {
            case "" -> Type.STRING;
            case "hash" -> Type.LONG;
            default -> Type.DATETIME;
        };
    }

    private Optional<Bucket> bucket(Expression value, List<ColumnSchema> columns) {
        return switch (value) {
            case Syntax.NameReference column when isOf(column, Type.STRING, columns) -> Optional.of(new Bucket(column.name(), "", 0));
            case Syntax.FunctionCall call when !call.arguments().isEmpty()
                    && call.arguments().getFirst() instanceof Syntax.NameReference column -> bucket(call, column, columns);
            case Expression _ -> Optional.empty();
        };
    }

    private Optional<Bucket> bucket(Syntax.FunctionCall call, Syntax.NameReference column, List<ColumnSchema> columns) {
        String function = call.function().text();
        int arguments = call.arguments().size();
        if (PERIODS.contains(function) && arguments == 1 && isOf(column, Type.DATETIME, columns)) {
            return Optional.of(new Bucket(column.name(), function, 0));
        }
        if (arguments != 2 || !(call.arguments().getLast() instanceof Syntax.Literal literal)
                || !(Literals.bind(literal).orElse(new Expr.Null(Type.LONG)) instanceof Expr.Constant(Type type, Number number))
                || number.longValue() < 1) {
            return Optional.empty();
        }
        boolean isBin = function.equals("bin") && type == Type.TIMESPAN && isOf(column, Type.DATETIME, columns);
        boolean isHash = function.equals("hash") && type.isInteger() && isOf(column, Type.STRING, columns);
        return isBin || isHash ? Optional.of(new Bucket(column.name(), function, number.longValue())) : Optional.empty();
    }

    private static boolean isOf(Syntax.NameReference column, Type type, List<ColumnSchema> columns) {
        return columns.contains(new ColumnSchema(column.name(), type));
    }

    private PathPart part(Expression part, List<Partition> partitions) {
        return switch (part) {
            case Syntax.StringLiteral text -> new PathPart(text.value(), "", "");
            case Syntax.NameReference name -> known(new PathPart("", name.name(), ""), partitions, part);
            case Syntax.FunctionCall(Syntax.Name function, _, List<Expression> arguments, _) when function.text().equals("datetime_pattern")
                    && arguments.size() == 2 && arguments.getFirst() instanceof Syntax.StringLiteral pattern
                    && arguments.getLast() instanceof Syntax.NameReference name ->
                    known(new PathPart("", name.name(), pattern.value()), partitions, part);
            case Expression _ -> {
                binder.report(Messages.badPath(part.span(), "it is made of texts, partitions and datetime_pattern('…', partition)"));
                yield new PathPart("", "", "");
            }
        };
    }

    private PathPart known(PathPart part, List<Partition> partitions, Expression at) {
        var partition = partitions.stream().filter(p -> p.name().equals(part.partition())).findFirst();
        if (partition.isEmpty()) {
            binder.report(Messages.badPath(at.span(), "there is no partition '" + part.partition() + "'"));
        } else if (!part.pattern().isEmpty() && partition.get().type() != Type.DATETIME) {
            binder.report(Messages.badPath(at.span(), "datetime_pattern is for partitions of the type datetime"));
        }
        return part;
    }
}
