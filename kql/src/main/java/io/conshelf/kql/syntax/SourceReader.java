package io.conshelf.kql.syntax;

import io.conshelf.kql.syntax.Syntax.ContextualDataTable;
import io.conshelf.kql.syntax.Syntax.DataScope;
import io.conshelf.kql.syntax.Syntax.DataTable;
import io.conshelf.kql.syntax.Syntax.EntityGroup;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.syntax.Syntax.ExternalData;
import io.conshelf.kql.syntax.Syntax.FunctionCall;
import io.conshelf.kql.syntax.Syntax.InlineExternalTable;
import io.conshelf.kql.syntax.Syntax.MaterializedViewCombine;
import io.conshelf.kql.syntax.Syntax.MissingExpression;
import io.conshelf.kql.syntax.Syntax.Name;
import io.conshelf.kql.syntax.Syntax.NameReference;
import io.conshelf.kql.syntax.Syntax.OperatorParameter;
import io.conshelf.kql.syntax.Syntax.Parenthesized;
import io.conshelf.kql.syntax.Syntax.PartitionColumn;
import io.conshelf.kql.syntax.Syntax.RowSchema;
import io.conshelf.kql.syntax.Syntax.Selector;
import io.conshelf.kql.syntax.Syntax.StarPosition;
import io.conshelf.kql.syntax.Syntax.Star;
import io.conshelf.kql.syntax.Syntax.TypeName;
import io.conshelf.kql.syntax.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Primary expressions: literals, calls, names, parentheses, and the tables written in a query.
abstract class SourceReader extends ExpressionReader {
    SourceReader(String text, int start) {
        super(text, start);
    }

    abstract Expression summarizeOperator();

    @Override
    final boolean atPrimary() {
        return atLiteralToken() || atDynamic() || at("datatable") || at("__contextual_datatable")
                || atExternalData() || at("materialized-view-combine") || at("(") || at("toscalar")
                || at("typeof") && at(1, "(") || at("[") || atBareSelector() || atReservedWordAsName();
    }

    private boolean atExternalData() {
        return at("externaldata") || at("external_data");
    }

    @Override
    final Expression primary() {
        if (atLiteralToken()) {
            return literalToken();
        }
        if (at("typeof") && at(1, "(") || atDynamic()) {
            return literal();
        }
        if (at("datatable")) {
            return dataTable();
        }
        if (at("__contextual_datatable")) {
            return contextualDataTable();
        }
        if (atExternalData()) {
            return externalData();
        }
        if (at("materialized-view-combine")) {
            return materializedViewCombine();
        }
        if (at("(")) {
            return parenthesized();
        }
        if (at("toscalar") || at("totable")) {
            return queryCall();
        }
        if (atCall(0)) {
            return call();
        }
        if (atBareSelector() || at("[")) {
            return withDataScope(selector());
        }
        return atReservedWordAsName() ? reservedWordAsName() : missingExpression();
    }

    final Expression parenthesized() {
        int start = start();
        take();
        Expression inner = expression();
        expect(")");
        return new Parenthesized(inner, since(start));
    }

    /// A name on its own: bare, in brackets, or a wildcard in brackets.
    final Expression selector() {
        if (!at("[")) {
            return bareSelector();
        }
        if (atBracketedWildcard()) {
            return bracketedWildcard();
        }
        return bracketedNameLength(0) > 0 ? nameReference() : bracketedExpression();
    }

    /// Brackets around anything but a string name nothing.
    private Expression bracketedExpression() {
        int start = start();
        take();
        if (atUnnamed()) {
            int inner = start();
            unnamed();
            boolean closed = at("]");
            expect("]");
            if (closed) {
                refuse(new Span(inner, 1), "brackets hold a name in quotes, such as ['my name']");
            }
        } else {
            missing("a name in quotes");
            tryTake("]");
        }
        return new MissingExpression(since(start));
    }

    private Expression withDataScope(Expression source) {
        if (!at("datascope")) {
            return source;
        }
        return new DataScope(source, dataScope(), source.span().to(since(source.span().start())));
    }

    /// `datascope=all` or `datascope=hotcache`.
    final Name dataScope() {
        take();
        expect("=");
        if (atWord("all", "hotcache")) {
            return word();
        }
        Span span = here();
        missing("all or hotcache");
        return new Name("", false, span);
    }

    final Optional<Name> optionalDataScope() {
        return at("datascope") ? Optional.of(dataScope()) : Optional.empty();
    }

    // ------------------------------------------------------------------ calls

    @Override
    final boolean atCall(int offset) {
        int length = nameLength(offset);
        return length > 0 && at(offset + length, "(");
    }

    @Override
    final Selector call() {
        int start = start();
        Name function = name();
        List<Expression> arguments = arguments();
        return new FunctionCall(function, List.of(), arguments, since(start));
    }

    private List<Expression> arguments() {
        expect("(");
        List<Expression> arguments = list(argument, Length.ANY, this::atEnd);
        expect(")");
        return arguments;
    }

    private final Item<Expression> argument =
            new Item<>("an argument", () -> atStarArgument() || atNamed(), this::argument);

    private boolean atStarArgument() {
        return at("*") && (at(1, ")") || at(1, ","));
    }

    private Expression argument() {
        return atStarArgument() ? new Star(take().span()) : named();
    }

    /// `toscalar(query)`, `totable(query)`, `materialize(query)`, perhaps with `kind=` before the parenthesis.
    final FunctionCall queryCall() {
        int start = start();
        Name function = word();
        List<OperatorParameter> parameters = parameters("kind");
        expect("(");
        Expression query = expression();
        expect(")");
        return new FunctionCall(function, parameters, List.of(query), since(start));
    }

    // ------------------------------------------------------------------ tables in the text

    private Expression dataTable() {
        int start = start();
        take();
        List<OperatorParameter> parameters = parameters();
        RowSchema schema = closedSchema();
        expect("[");
        tryTake(",");
        List<Expression> values =
                list(new Item<>("a literal", this::atLiteral, this::literal), Length.ANY_WITH_TRAILING_COMMA, this::atEnd);
        expect("]");
        return new DataTable(parameters, schema, values, since(start));
    }

    final Expression contextualDataTable() {
        int start = start();
        take();
        Expression id = atLiteral() ? literal() : unnamed();
        return new ContextualDataTable(id, closedSchema(), since(start));
    }

    private Expression externalData() {
        int start = start();
        take();
        List<OperatorParameter> parameters = parameters();
        RowSchema schema = closedSchema();
        expect("[");
        List<Expression> uris = list(expressions, Length.ANY_WITH_TRAILING_COMMA, this::atEnd);
        expect("]");
        return new ExternalData(parameters, schema, uris, freeProperties(), since(start));
    }

    final Item<Expression> expressions = new Item<>("an expression", this::atExpression, this::expression);

    private Expression materializedViewCombine() {
        int start = start();
        take();
        expect("(");
        Expression view = expression();
        expect(")");
        Expression base = combineClause("base");
        Expression delta = combineClause("delta");
        Expression aggregations = combineClause("aggregations");
        return new MaterializedViewCombine(view, base, delta, aggregations, since(start));
    }

    private Expression combineClause(String name) {
        if (!atWord(name)) {
            Span span = here();
            missing("'" + name + " (...)'");
            return new MissingExpression(span);
        }
        take();
        expect("(");
        Expression inner = name.equals("aggregations") && at("summarize") ? summarizeOperator() : expression();
        expect(")");
        return inner;
    }

    final boolean atEntityGroup() {
        return at("entity_group") && !at(1, "(");
    }

    /// `entity_group [members]`.
    final Expression entityGroup() {
        int start = start();
        take();
        expect("[");
        List<Expression> members = list(unnamedExpressions, Length.ONE_OR_MORE, this::atEnd);
        expect("]");
        return new EntityGroup(members, since(start));
    }

    // ------------------------------------------------------------------ inline external tables

    /// The word is a name unless a schema or a kind follows.
    final boolean atInlineExternalTable() {
        return at("inline_external_table") && (at(1, "kind") || schemaAt(1));
    }

    private boolean schemaAt(int offset) {
        if (!at(offset, "(")) {
            return false;
        }
        int end = offset + 1;
        while (!peek(end).isEnd() && !at(end, ")")) {
            if (at(end, ":")) {
                return true;
            }
            end++;
        }
        return false;
    }

    final Expression inlineExternalTable() {
        int start = start();
        take();
        Optional<RowSchema> written = schemaAt(0) ? Optional.of(closedSchema()) : Optional.empty();
        Name kind = word("kind", "storage", "delta");
        boolean delta = kind.text().equals("delta");
        RowSchema schema = written.orElseGet(() -> missingSchema(delta));
        List<PartitionColumn> partitions = at("partition") ? partitionColumns() : List.of();
        List<Expression> pathFormat = at("pathformat") ? pathFormat() : List.of();
        Name dataFormat = at("dataformat") || !delta ? dataFormat() : new Name("", false, here());
        expect("(");
        List<Expression> uris = list(expressions, Length.ANY_WITH_TRAILING_COMMA, this::atEnd);
        expect(")");
        return new InlineExternalTable(schema, kind, partitions, pathFormat, dataFormat, uris, freeProperties(),
                since(start));
    }

    /// A delta table brings its own schema, others don't.
    private RowSchema missingSchema(boolean delta) {
        if (!delta) {
            missing("a schema such as (a:long, b:string)");
        }
        return new RowSchema(List.of(), StarPosition.NONE, here());
    }

    private Name word(String name, String... values) {
        if (!expect(name)) {
            return new Name("", false, here());
        }
        expect("=");
        if (atWord(values)) {
            return word();
        }
        Span span = here();
        missing("one of " + String.join(", ", values));
        return new Name("", false, span);
    }

    private Name dataFormat() {
        if (!expect("dataformat")) {
            return new Name("", false, here());
        }
        expect("=");
        return atKind(Kind.IDENTIFIER) ? word() : missingName();
    }

    private List<PartitionColumn> partitionColumns() {
        take();
        expect("by");
        expect("(");
        tryTake(",");
        List<PartitionColumn> partitions = list(new Item<>("a partition column", this::atDeclaredName, this::partitionColumn),
                Length.ANY_WITH_TRAILING_COMMA, this::atEnd);
        expect(")");
        return partitions;
    }

    private PartitionColumn partitionColumn() {
        int start = start();
        Name name = declaredName();
        expect(":");
        TypeName type = partitionType();
        Optional<Expression> value = tryTake("=") ? Optional.of(unnamed()) : Optional.empty();
        return new PartitionColumn(name, type, value, since(start));
    }

    private TypeName partitionType() {
        if (!at("datetime") && !at("long") && !at("string")) {
            missing("datetime, long or string: no other column can be a partition");
        }
        return atColumnType() ? columnType() : new TypeName("", here());
    }

    private List<Expression> pathFormat() {
        take();
        expect("=");
        expect("(");
        List<Expression> parts = new ArrayList<>();
        while (atKind(Kind.STRING) || atName()) {
            parts.add(atKind(Kind.STRING) ? stringLiteral() : atCall(0) ? call() : nameReference());
        }
        if (parts.stream().noneMatch(part -> part instanceof NameReference || part instanceof FunctionCall)) {
            missing("a partition column");
        }
        expect(")");
        return parts;
    }
}
