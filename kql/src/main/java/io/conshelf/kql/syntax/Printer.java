package io.conshelf.kql.syntax;

import io.conshelf.kql.syntax.Syntax.*;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Writes a tree as KQL text again. Reading that text gives the same tree, but for spans; blanks and comments are new.
public final class Printer {
    /// Whether `h'...'` strings are written as they are.
    public enum Secrets { SHOWN, MASKED }

    private final StringBuilder out = new StringBuilder();
    private final Secrets secrets;
    private final Consumer<Syntax> seen;

    private Printer(Secrets secrets, Consumer<Syntax> seen) {
        this.secrets = secrets;
        this.seen = seen;
    }

    public static String print(Syntax node, Secrets secrets) {
        Printer printer = new Printer(secrets, _ -> {});
        printer.write(node);
        return printer.out.toString();
    }

    /// The node and all below it, each before its children.
    static List<Syntax> nodes(Syntax node) {
        var nodes = new ArrayList<Syntax>();
        new Printer(Secrets.SHOWN, nodes::add).write(node);
        return nodes;
    }

    private void write(Syntax node) {
        seen.accept(node);
        switch (node) {
            case Query(List<Statement> statements, _) -> joined(statements, ";\n");
            case Statement statement -> statement(statement);
            case Expression expression -> expression(expression);
            case Name name -> name(name);
            case TypeSpec type -> type(type);
            case ColumnDeclaration(Name name, TypeName type, _) -> text(name).text(":").text(type);
            case Parameter(Name name, TypeSpec type, Optional<Expression> defaultValue, _) ->
                text(name).text(":").text(type).optional(" = ", defaultValue);
            case PartitionColumn(Name name, TypeName type, Optional<Expression> value, _) ->
                text(name).text(":").text(type).optional(" = ", value);
            case FunctionBody body -> braced(body);
            case OperatorParameter parameter -> parameter(parameter);
            case OrderedExpression ordered -> ordered(ordered);
            case PatternCase(List<Expression> values, Optional<Expression> path, FunctionBody body, _) -> {
                text("(").list(values).text(")");
                path.ifPresent(p -> text(".[").text(p).text("]"));
                text(" = ").text(body).text(";");
            }
            case DynamicValue value -> dynamic(value);
            case DynamicProperty(String name, DynamicValue value, _) -> text(quoted(name)).text(": ").text(value);
            case FindProjection projection -> findProjection(projection);
            case FindColumn(Expression column, Optional<TypeName> type, _) -> text(column).optional(":", type);
            case ForkBranch(Optional<Name> name, Expression subquery, _) -> {
                name.ifPresent(n -> text(n).text(" = "));
                text("(").text(subquery).text(")");
            }
            case GraphPattern(List<GraphPatternElement> elements, _) -> elements.forEach(this::write);
            case GraphPatternElement element -> patternElement(element);
            case GraphEdgeRange(Expression from, Expression to, _) -> text("*").text(from).text("..").text(to);
            case GraphNodeTable(Expression table, Name key, _) -> text(table).text(" on ").text(key);
            case GraphPartition(Expression column, Expression subquery, _) ->
                text(" partitioned-by ").text(column).text(" (").text(subquery).text(")");
            case GraphOutput(GraphOutputKind kind, Optional<Name> name, List<OperatorParameter> parameters, _) -> {
                text(kind == GraphOutputKind.NODES ? "nodes" : "edges").optional(" as ", name);
                spaced(parameters);
            }
            case SeriesAggregate(Expression aggregate, Optional<Expression> defaultValue, _) ->
                text(aggregate).optional(" default = ", defaultValue);
            case SeriesFromToStep(Optional<Expression> from, Optional<Expression> to, Expression step, _) ->
                optional(" from ", from).optional(" to ", to).text(" step ").text(step);
            case SeriesInRange(List<Expression> arguments, _) -> text(" in range(").list(arguments).text(")");
            case ExpandColumn(MissingExpression _, Optional<TypeSpec> type, _) -> type.ifPresent(this::toTypeof);
            case ExpandColumn(Expression expression, Optional<TypeSpec> type, _) -> {
                text(expression);
                type.ifPresent(t -> text(" ").toTypeof(t));
            }
            case ParseText(StringLiteral literal, _) -> text(literal);
            case ParseColumn(Name name, Optional<TypeName> type, _) -> text(name).optional(":", type);
            case ParseSkip _ -> text("*");
            case ScanStep step -> scanStep(step);
            case TopNestedLevel(Optional<Expression> count, Expression of, Optional<Expression> others, OrderedExpression by, _) ->
                text("top-nested").optional(" ", count).text(" of ").text(of).optional(" with others = ", others)
                        .text(" by ").text(by);
        }
    }

    // ------------------------------------------------------------------ pieces

    private Printer text(String text) {
        out.append(text);
        return this;
    }

    private Printer text(Syntax node) {
        write(node);
        return this;
    }

    private Printer optional(String before, Optional<? extends Syntax> node) {
        node.ifPresent(n -> text(before).text(n));
        return this;
    }

    private Printer list(List<? extends Syntax> nodes) {
        return joined(nodes, ", ");
    }

    private Printer joined(List<? extends Syntax> nodes, String separator) {
        for (int i = 0; i < nodes.size(); i++) {
            text(i == 0 ? "" : separator).text(nodes.get(i));
        }
        return this;
    }

    private Printer spaced(List<? extends Syntax> nodes) {
        nodes.forEach(node -> text(" ").text(node));
        return this;
    }

    /// `before` and the list, or nothing where it is empty.
    private Printer listed(String before, List<? extends Syntax> nodes) {
        return nodes.isEmpty() ? this : text(before).list(nodes);
    }

    private Printer inParentheses(String before, List<? extends Syntax> nodes) {
        return nodes.isEmpty() ? this : text(before).text("(").list(nodes).text(")");
    }

    private void toTypeof(TypeSpec type) {
        text("to ").typeOf(type);
    }

    private Printer typeOf(TypeSpec type) {
        return switch (type) {
            case TypeName name -> text("typeof(").text(name).text(")");
            case RowSchema schema -> text("typeof").text(schema);
        };
    }

    /// A text as a literal in single quotes.
    public static String quoted(String value) {
        StringBuilder quoted = new StringBuilder("'");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '\\' -> quoted.append("\\\\");
                case '\'' -> quoted.append("\\'");
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                default -> quoted.append(c);
            }
        }
        return quoted.append('\'').toString();
    }

    private void name(Name name) {
        text(name.bracketed() ? "[" + quoted(name.text()) + "]" : name.text());
    }

    private void type(TypeSpec type) {
        switch (type) {
            case TypeName name -> text(name.text());
            case RowSchema(List<ColumnDeclaration> columns, StarPosition star, _) -> {
                text("(").text(star == StarPosition.FIRST ? "*" : "");
                text(star == StarPosition.FIRST && !columns.isEmpty() ? ", " : "").list(columns);
                text(star == StarPosition.LAST ? ", *)" : ")");
            }
        }
    }

    private void braced(FunctionBody body) {
        text("{ ").joined(body.statements(), "; ");
        boolean onlyDeclares = !body.statements().isEmpty() && body.result().isEmpty();
        text(onlyDeclares ? "; }" : " }");
    }

    private void parameter(OperatorParameter parameter) {
        text(parameter.name()).text("=");
        switch (parameter.value()) {
            case ListExpression(List<Expression> items, _) -> list(items);
            default -> text(parameter.value());
        }
    }

    private void ordered(OrderedExpression ordered) {
        text(ordered.expression());
        text(switch (ordered.order()) {
            case DEFAULT -> "";
            case ASC -> " asc";
            case DESC -> " desc";
            case GRANNY_ASC -> " granny-asc";
            case GRANNY_DESC -> " granny-desc";
        });
        text(switch (ordered.nulls()) {
            case DEFAULT -> "";
            case FIRST -> " nulls first";
            case LAST -> " nulls last";
        });
    }

    // ------------------------------------------------------------------ statements

    private void statement(Statement statement) {
        switch (statement) {
            case Let(Name name, Expression value, _) -> text("let ").text(name).text(" = ").text(value);
            case SetOption(Name name, Optional<Expression> value, _) -> text("set ").text(name).optional(" = ", value);
            case QueryParameters(List<Parameter> parameters, _) ->
                text("declare query_parameters(").list(parameters).text(")");
            case Pattern(Name name, _, _, List<PatternCase> cases, _) when cases.isEmpty() ->
                text("declare pattern ").text(name);
            case Pattern(Name name, List<ColumnDeclaration> parameters, Optional<ColumnDeclaration> path,
                    List<PatternCase> cases, _) -> {
                text("declare pattern ").text(name).text(" = (").list(parameters).text(")");
                path.ifPresent(p -> text("[").text(p).text("]"));
                text(" { ").joined(cases, " ").text(" }");
            }
            case Alias(Name name, Expression value, _) -> text("alias database ").text(name).text(" = ").text(value);
            case Restrict(List<Expression> entities, List<OperatorParameter> parameters, _) ->
                text("restrict access to (").list(entities).text(")").inParentheses(" with ", parameters);
            case ExpressionStatement(Expression expression, _) -> text(expression);
        }
    }

    // ------------------------------------------------------------------ expressions

    private void expression(Expression expression) {
        switch (expression) {
            case MissingExpression _ -> { }
            case NameReference(String name, boolean bracketed, _) -> text(bracketed ? "[" + quoted(name) + "]" : name);
            case WildcardName(String pattern, boolean bracketed, _) -> text(bracketed ? "[" + pattern + "]" : pattern);
            case ClientParameter(String name, _) -> text("{" + name + "}");
            case FunctionCall call -> call(call);
            case Star _ -> text("*");
            case Path(Expression target, Selector selector, _) -> text(target).text(".").text(selector);
            case Element(Expression target, Expression index, _) -> text(target).text("[").text(index).text("]");
            case Parenthesized(Expression inner, _) -> text("(").text(inner).text(")");
            case NamedExpression(Name name, Expression value, _) -> text(name).text(" = ").text(value);
            case CompoundNamedExpression(List<Name> names, Expression value, _) ->
                text("(").list(names).text(") = ").text(value);
            case Unary(UnaryOperator operator, Expression operand, _) -> text(operator.text()).text(operand);
            // A datetime(8:00) was read as today plus the time; its parts all have its span.
            case Binary(_, Expression left, TimespanLiteral time, _, Span span) when left.span().equals(span) ->
                text(time.text().replace("timespan(", "datetime("));
            case Binary(BinaryOperator operator, Expression left, Expression right, _, _) ->
                text(left).text(" " + operator.text() + " ").text(right);
            case In(InOperator operator, Expression left, ListExpression right, _, _) ->
                text(left).text(" " + operator.text() + " ").text(right);
            case ListExpression(List<Expression> items, _) -> text("(").list(items).text(")");
            case Between(boolean negated, Expression operand, Expression from, Expression to, _, _) ->
                text(operand).text(negated ? " !between (" : " between (").text(from).text(" .. ").text(to).text(")");
            case Pipe(Expression source, List<TabularOperator> operators, _) -> {
                text(source).text(source instanceof ContextualInput ? "" : "\n| ");
                joined(operators, "\n| ");
            }
            case DataScope(Expression source, Name scope, _) -> text(source).text(" datascope=").text(scope);
            case ContextualInput _ -> { }
            case FunctionLiteral(boolean view, List<Parameter> parameters, FunctionBody body, _) ->
                text(view ? "view (" : "(").list(parameters).text(") ").text(body);
            case DataTable(List<OperatorParameter> parameters, RowSchema schema, List<Expression> values, _) ->
                text("datatable").spaced(parameters).text(" ").text(schema).text(" [").list(values).text("]");
            case ContextualDataTable(Expression id, RowSchema schema, _) ->
                text("__contextual_datatable ").text(id).text(" ").text(schema);
            case ExternalData(List<OperatorParameter> parameters, RowSchema schema, List<Expression> uris,
                    List<OperatorParameter> properties, _) ->
                text("externaldata").spaced(parameters).text(" ").text(schema).text(" [").list(uris).text("]")
                        .inParentheses(" with ", properties);
            case InlineExternalTable table -> inlineExternalTable(table);
            case MaterializedViewCombine(Expression view, Expression base, Expression delta, Expression aggregations, _) ->
                text("materialized-view-combine (").text(view).text(") base (").text(base).text(") delta (").text(delta)
                        .text(") aggregations (").text(aggregations).text(")");
            case EntityGroup(List<Expression> members, _) -> text("entity_group [").list(members).text("]");
            case StringLiteral(_, boolean obfuscated, String text, _) ->
                text(obfuscated && secrets == Secrets.MASKED ? "h'****'" : text);
            case Literal literal -> text(literal.text());
            case TabularOperator operator -> operator(operator);
        }
    }

    private void call(FunctionCall call) {
        // Only datetime(now) is a call that is no longer than its name.
        if (call.function().span().equals(call.span())) {
            text("datetime(").text(call.function()).text(")");
            return;
        }
        // `bool(0)` is a literal, `bool (0)` the call of a function of that name.
        boolean isApart = !call.parameters().isEmpty() || !call.function().bracketed() && Lexer.beginsLiteral(call.function().text());
        text(call.function()).spaced(call.parameters()).text(isApart ? " (" : "(").list(call.arguments()).text(")");
    }

    private void inlineExternalTable(InlineExternalTable table) {
        boolean schema = table.schema().span().length() > 0;
        text("inline_external_table").text(schema ? " " : "");
        if (schema) {
            text(table.schema());
        }
        text(" kind=").text(table.kind()).inParentheses(" partition by ", table.partitions());
        if (!table.pathFormat().isEmpty()) {
            text(" pathformat=(").joined(table.pathFormat(), " ").text(")");
        }
        text(table.dataFormat().isMissing() ? "" : " dataformat=" + table.dataFormat().text());
        text(" (").list(table.uris()).text(")").inParentheses(" with ", table.properties());
    }

    private void dynamic(DynamicValue value) {
        switch (value) {
            case DynamicObject(List<DynamicProperty> properties, _) -> text("{").list(properties).text("}");
            case DynamicArray(List<DynamicValue> items, _) -> text("[").list(items).text("]");
            case DynamicScalar(Literal literal, _) -> text(literal);
        }
    }

    // ------------------------------------------------------------------ operators

    private void operator(TabularOperator operator) {
        switch (operator) {
            case MissingOperator _ -> { }
            case As(_, Name name, _) -> keyword("as", operator).text(" ").text(name);
            case AssertSchema(RowSchema schema, _) -> text("assert-schema ").text(schema);
            case Consume _ -> keyword("consume", operator);
            case Count(_, Optional<Name> name, _) -> keyword("count", operator).optional(" as ", name);
            case Distinct(_, List<Expression> columns, _) -> keyword("distinct", operator).text(" ").list(columns);
            case Evaluate(_, FunctionCall plugin, Optional<RowSchema> schema, _) ->
                keyword("evaluate", operator).text(" ").text(plugin).optional(" : ", schema);
            case ExecuteAndCache _ -> text("__executeAndCache");
            case Extend(List<Expression> columns, _) -> text("extend ").list(columns);
            case Facet(List<Expression> columns, Optional<Expression> subquery, _) -> {
                text("facet by ").list(columns);
                subquery.ifPresent(q -> text(" with (").text(q).text(")"));
            }
            case Where(_, Expression predicate, _) -> keyword("where", operator).text(" ").text(predicate);
            case Find find -> find(find);
            case Fork(List<ForkBranch> branches, _) -> text("fork").spaced(branches);
            case GetSchema _ -> keyword("getschema", operator);
            case GraphMarkComponents _ -> keyword("graph-mark-components", operator);
            case GraphMatch(_, List<GraphPattern> patterns, Optional<Expression> where, List<Expression> project, _) ->
                keyword("graph-match", operator).text(" ").list(patterns).optional(" where ", where)
                        .listed(" project ", project);
            case GraphShortestPaths(_, List<GraphPattern> patterns, Optional<Expression> where, List<Expression> project, _) ->
                keyword("graph-shortest-paths", operator).text(" ").list(patterns).optional(" where ", where)
                        .listed(" project ", project);
            case GraphToTable(List<GraphOutput> outputs, _) -> text("graph-to-table ").list(outputs);
            case GraphWhereEdges(Expression predicate, _) -> text("graph-where-edges ").text(predicate);
            case GraphWhereNodes(Expression predicate, _) -> text("graph-where-nodes ").text(predicate);
            case Invoke(Expression function, _) -> text("invoke ").text(function);
            case Join(_, Expression right, List<Expression> conditions, _) ->
                keyword("join", operator).text(" ").text(right).listed(" on ", conditions);
            case Lookup(_, Expression right, List<Expression> conditions, _) ->
                keyword("lookup", operator).text(" ").text(right).listed(" on ", conditions);
            case MacroExpand(_, Expression group, Optional<Name> scope, FunctionBody body, _) ->
                keyword("macro-expand", operator).text(" ").text(group).optional(" as ", scope).text(" (")
                        .joined(body.statements(), "; ").text(")");
            case MakeGraph graph -> keyword("make-graph", operator).text(" ").text(graph.source()).text(" --> ")
                    .text(graph.target()).optional(" with_node_id=", graph.nodeId()).listed(" with ", graph.nodes())
                    .optional("", graph.partition());
            case MakeSeries(_, List<SeriesAggregate> aggregates, Expression on, SeriesRange range, List<Expression> by, _) ->
                keyword("make-series", operator).text(" ").list(aggregates).text(" on ").text(on).text(range)
                        .listed(" by ", by);
            case MvApply(_, List<ExpandColumn> columns, Optional<Expression> limit, Optional<Expression> id,
                    Expression subquery, _) ->
                keyword("mv-apply", operator).text(" ").list(columns).optional(" limit ", limit).optional(" id ", id)
                        .text(" on (").text(subquery).text(")");
            case MvExpand(String keyword, _, List<ExpandColumn> columns, Optional<Expression> limit, _) ->
                keyword(keyword, operator).text(" ").list(columns).optional(" limit ", limit);
            case Parse(_, Expression target, List<ParsePart> parts, _) ->
                keyword("parse", operator).text(" ").text(target).text(" with").spaced(parts);
            case ParseWhere(_, Expression target, List<ParsePart> parts, _) ->
                keyword("parse-where", operator).text(" ").text(target).text(" with").spaced(parts);
            case ParseKv(List<OperatorParameter> parameters, Expression target, RowSchema schema, _) ->
                text("parse-kv ").text(target).text(" as ").text(schema).inParentheses(" with ", parameters);
            case Partition(_, Expression column, Optional<Expression> scope, Expression subquery, boolean braced, _) ->
                keyword("partition", operator).text(" by ").text(column).optional(" in ", scope)
                        .text(braced ? " { " : " (").text(subquery).text(braced ? " }" : ")");
            case PartitionBy(_, Expression column, Optional<Expression> id, Expression subquery, _) ->
                keyword("__partitionby", operator).text(" ").text(column).optional(" id ", id).text(" (").text(subquery)
                        .text(")");
            case Print(List<Expression> columns, _) -> text("print ").list(columns);
            case Project(List<Expression> columns, _) -> text("project").listed(" ", columns);
            case ProjectAway(List<Expression> columns, _) -> text("project-away").listed(" ", columns);
            case ProjectByNames(List<Expression> columns, _) -> text("project-by-names").listed(" ", columns);
            case ProjectKeep(List<Expression> columns, _) -> text("project-keep").listed(" ", columns);
            case ProjectRename(List<Expression> columns, _) -> text("project-rename").listed(" ", columns);
            case ProjectReorder(List<OrderedExpression> columns, _) -> text("project-reorder").listed(" ", columns);
            case Range(Name name, Expression from, Expression to, Expression step, _) -> text("range ").text(name)
                    .text(" from ").text(from).text(" to ").text(to).text(" step ").text(step);
            case Reduce(_, Expression by, List<OperatorParameter> with, _) ->
                keyword("reduce", operator).text(" by ").text(by).listed(" with ", with);
            case Render render -> render(render);
            case Sample(_, Expression count, _) -> keyword("sample", operator).text(" ").text(count);
            case SampleDistinct(_, Expression count, Expression of, _) ->
                keyword("sample-distinct", operator).text(" ").text(count).text(" of ").text(of);
            case Scan scan -> scan(scan);
            case Search(Optional<Name> dataScope, _, List<Expression> sources, Expression predicate, _) ->
                keyword("search", operator).optional(" datascope=", dataScope).inParentheses(" in ", sources).text(" ")
                        .text(predicate);
            case Serialize(_, List<Expression> columns, _) -> keyword("serialize", operator).listed(" ", columns);
            case Sort(_, List<OrderedExpression> keys, _) -> keyword("sort", operator).text(" by ").list(keys);
            case Summarize(_, List<Expression> aggregates, List<Expression> by, _) -> {
                keyword("summarize", operator).listed(" ", aggregates);
                groups(by);
            }
            case Take(_, Expression count, _) -> keyword("take", operator).text(" ").text(count);
            case Top(_, Expression count, OrderedExpression by, _) ->
                keyword("top", operator).text(" ").text(count).text(" by ").text(by);
            case TopHitters(Expression count, Expression of, Optional<Expression> by, _) ->
                text("top-hitters ").text(count).text(" of ").text(of).optional(" by ", by);
            case TopNested(List<TopNestedLevel> levels, _) -> list(levels);
            case Union(_, List<Expression> sources, _) -> keyword("union", operator).text(" ").list(sources);
        }
    }

    private Printer keyword(String keyword, TabularOperator operator) {
        return text(keyword).spaced(operator.parameters());
    }

    private void find(Find find) {
        text("find").optional(" datascope=", find.dataScope()).spaced(find.parameters())
                .inParentheses(" in ", find.sources()).text(" where ").text(find.predicate()).text(find.projection());
    }

    private void findProjection(FindProjection projection) {
        listed(" project ", projection.columns()).listed(" __projectAway ", projection.away());
    }

    private void patternElement(GraphPatternElement element) {
        switch (element) {
            case GraphNode(Optional<Name> name, _) -> text("(").optional("", name).text(")");
            case GraphEdge(Optional<Name> name, EdgeDirection direction, Optional<GraphEdgeRange> range, _) ->
                text(direction == EdgeDirection.LEFT ? "<-[" : "-[").optional("", name).optional("", range)
                        .text(direction == EdgeDirection.RIGHT ? "]->" : "]-");
        }
    }

    /// Properties in a `with (...)` list, but those up to the last of the old ones without an `=` as they were written.
    private void render(Render render) {
        text("render ").text(render.chart());
        List<OperatorParameter> parameters = render.parameters();
        int old = parameters.size();
        while (old > 0 && !isOldRenderProperty(parameters.get(old - 1))) {
            old--;
        }
        for (OperatorParameter parameter : parameters.subList(0, old)) {
            text(" ");
            if (isOldRenderProperty(parameter)) {
                text(parameter.name()).text(" ").list(parameter.value() instanceof ListExpression list
                        ? list.items() : List.of(parameter.value()));
            } else {
                text(parameter);
            }
        }
        inParentheses(" with ", parameters.subList(old, parameters.size()));
    }

    private static boolean isOldRenderProperty(OperatorParameter parameter) {
        return parameter.name().text().equals("by") || parameter.name().text().equals("with");
    }

    private void groups(List<Expression> by) {
        // The old 'by t bin=1d' has no comma before its last part, and nothing else names a key 'bin' without brackets.
        boolean oldBin = by.size() > 1 && by.getLast() instanceof NamedExpression(Name name, _, _)
                && name.text().equals("bin") && !name.bracketed();
        listed(" by ", oldBin ? by.subList(0, by.size() - 1) : by);
        if (oldBin) {
            text(" ").text(by.getLast());
        }
    }

    private void scan(Scan scan) {
        keyword("scan", scan).listed(" order by ", scan.orderBy()).listed(" partition by ", scan.partitionBy())
                .inParentheses(" declare ", scan.declarations()).text(" with (").joined(scan.steps(), " ").text(")");
    }

    private void scanStep(ScanStep step) {
        text("step ").text(step.name()).text(step.isOptional() ? " optional" : "").spaced(step.parameters())
                .text(": ").text(step.condition()).listed(" => ", step.assignments()).text(";");
    }
}
