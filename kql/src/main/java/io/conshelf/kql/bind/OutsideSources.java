package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.TableId;
import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.syntax.Syntax.OperatorParameter;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Rows from beyond the cluster. Who is asked for them is told here by values alone: whoever runs the query knows who that is.
final class OutsideSources {
    private static final String EXTERNAL_DATA = "externaldata";
    private static final List<String> FILE_PROPERTIES = List.of("format", "ignoreFirstRecord", "ingestionMapping");

    /// Options of a request that keep it from what lies elsewhere.
    private static final List<String> NO_FILES = List.of("request_external_data_disabled");
    private static final List<String> NO_TABLES = List.of("request_external_data_disabled", "request_external_table_disabled");
    private static final List<String> NO_CALLS = List.of("request_callout_disabled", "request_readonly_hardline");

    private final Binder binder;

    OutsideSources(Binder binder) {
        this.binder = binder;
    }

    /// `externaldata (schema) [uris] with (properties)`.
    Rows externalData(Syntax.ExternalData external, Scope scope) {
        List<ColumnSchema> columns = columns(external.schema(), EXTERNAL_DATA);
        Map<String, Expression> properties = properties(external.properties(), EXTERNAL_DATA, FILE_PROPERTIES);
        Optional<List<String>> places = places(external.uris(), EXTERNAL_DATA, scope);
        if (places.isEmpty()) {
            return nothing(columns);
        }
        return rows(new Outside.Files(
                columns, places.get(), text(properties, "format"), text(properties, "ignoreFirstRecord").equalsIgnoreCase("true"),
                text(properties, "ingestionMapping")), external.span());
    }

    /// Connection strings; empty where one of them says nothing.
    Optional<List<String>> places(List<Expression> uris, String operator, Scope scope) {
        List<String> places = new ArrayList<>();
        for (Expression uri : uris) {
            value(uri, Type.STRING, operator, scope).map(Outside.Value::text).ifPresent(places::add);
        }
        return places.size() < uris.size() ? Optional.empty() : Optional.of(places);
    }

    static String text(Map<String, Expression> properties, String name) {
        Expression value = properties.get(name);
        return value == null ? "" : Parameters.text(value);
    }

    /// The values of properties by the names they are documented with; others are refused.
    Map<String, Expression> properties(List<OperatorParameter> given, String operator, List<String> known) {
        Map<String, Expression> properties = new HashMap<>();
        for (OperatorParameter property : given) {
            String name = property.name().text();
            Optional<String> meant = known.stream().filter(name::equalsIgnoreCase).findFirst();
            if (meant.isEmpty()) {
                binder.refuse(property.name().span(), operator + " with the property '" + name + "'; it has " + String.join(", ", known));
            } else if (properties.put(meant.get(), property.value()) != null) {
                binder.report(Messages.parameterTwice(property.name().span(), operator, name));
            }
        }
        return properties;
    }

    List<ColumnSchema> columns(Syntax.RowSchema schema, String operator) {
        Set<String> names = new HashSet<>();
        for (Syntax.ColumnDeclaration column : schema.columns()) {
            if (!names.add(column.name().text())) {
                binder.report(Messages.columnTwice(column.name().span(), operator, column.name().text()));
            }
        }
        return binder.functions.columns(schema).stream().map(Column::schema).toList();
    }

    /// What an argument says, for which there are no rows to look at. Empty where it says nothing (which is reported), or
    /// nothing yet: it may be a parameter of a function that is only being declared.
    Optional<Outside.Value> value(Expression argument, Type wanted, String operator, Scope scope) {
        Optional<Expr> value = binder.expressions.expr(argument, Env.of(scope));
        if (value.isEmpty()) {
            return Optional.empty();
        }
        Type type = value.get().type();
        boolean isNothing = wanted == Type.DYNAMIC && value.get() instanceof Expr.Null;
        if (type != wanted && !isNothing) {
            binder.report(Messages.typeExpected(argument.span(), operator, wanted.toString(), type));
            return Optional.empty();
        }
        return switch (value.get()) {
            case Expr.Constant(Type _, String text) -> Optional.of(new Outside.Value(wanted, text));
            case Expr.Null _ -> Optional.of(new Outside.Value(wanted, ""));
            case Expr computed when binder.isUndecided(computed) -> Optional.empty();
            case Expr computed -> {
                Plan row = new Plan.Rows(List.of(binder.column("value", wanted)), List.of(List.of(computed)));
                Optional<String> looked = binder.look(row, 1).map(rows -> rows.getFirst().getFirst());
                if (looked.isEmpty() && !binder.isNothingRun()) {
                    binder.report(Messages.constantExpected(argument.span(), "The argument"));
                }
                yield looked.map(text -> new Outside.Value(wanted, text));
            }
        };
    }

    /// Rows of elsewhere, unless the request keeps from there.
    Rows rows(Outside wanted, Span at) {
        boolean isForbidden = forbids(binder, switch (wanted) {
            case Outside.Files _, Outside.Folders _ -> NO_FILES;
            case Outside.Call call when call.name().startsWith("infer_") -> NO_FILES;
            case Outside.Call _ -> NO_CALLS;
        }, wanted.name(), at);
        if (isForbidden) {
            return nothing(wanted.declared().orElse(List.of()));
        }
        if (!binder.entities.mayReachOutside(wanted.name())) {
            binder.report(Messages.restricted(at, wanted.name()));
        } else {
            return read(wanted);
        }
        return nothing(wanted.declared().orElse(List.of()));
    }

    /// Whether `restrict access` can mean it by its name.
    static boolean isConstruct(String name) {
        return name.equals(EXTERNAL_DATA) || name.equals(InlineTables.OPERATOR) || OutsideCalls.NAMES.contains(name);
    }

    /// Whether the request keeps from external tables, which is reported.
    static boolean forbidsTables(Binder binder, Span at) {
        return forbids(binder, NO_TABLES, "external_table", at);
    }

    private static boolean forbids(Binder binder, List<String> options, String construct, Span at) {
        Optional<String> on = options.stream().filter(binder.settings::isOn).findFirst();
        on.ifPresent(option -> binder.report(Messages.optionForbids(at, construct, option)));
        return on.isPresent();
    }

    private Rows read(Outside wanted) {
        // Who tells the columns is not asked for what may never be run.
        boolean isAsked = wanted.declared().isPresent() || !binder.isOnlyDeclared();
        Optional<Catalog.Table> table = isAsked ? binder.catalog().outside(wanted) : Optional.empty();
        Optional<List<ColumnSchema>> schema = table.map(Catalog.Table::columns).or(wanted::declared);
        TableId id = table.map(Catalog.Table::id).orElseGet(() -> new TableId(Outside.DATABASE, "", wanted.name()));
        List<Column> columns = schema.orElse(List.of()).stream().map(c -> binder.column(c.name(), c.type())).toList();
        return new Rows(new Plan.Scan(id, columns), schema.isEmpty(), "");
    }

    Rows nothing(List<ColumnSchema> columns) {
        return Rows.of(binder.nothing(columns.stream().map(c -> binder.column(c.name(), c.type())).toList()));
    }
}
