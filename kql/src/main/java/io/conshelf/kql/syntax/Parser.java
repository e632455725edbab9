package io.conshelf.kql.syntax;

import io.conshelf.kql.syntax.Syntax.Alias;
import io.conshelf.kql.syntax.Syntax.ColumnDeclaration;
import io.conshelf.kql.syntax.Syntax.ContextualInput;
import io.conshelf.kql.syntax.Syntax.ExecuteAndCache;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.syntax.Syntax.ExpressionStatement;
import io.conshelf.kql.syntax.Syntax.Extend;
import io.conshelf.kql.syntax.Syntax.FunctionBody;
import io.conshelf.kql.syntax.Syntax.FunctionLiteral;
import io.conshelf.kql.syntax.Syntax.Let;
import io.conshelf.kql.syntax.Syntax.MissingOperator;
import io.conshelf.kql.syntax.Syntax.Name;
import io.conshelf.kql.syntax.Syntax.OperatorParameter;
import io.conshelf.kql.syntax.Syntax.Parameter;
import io.conshelf.kql.syntax.Syntax.Pattern;
import io.conshelf.kql.syntax.Syntax.PatternCase;
import io.conshelf.kql.syntax.Syntax.Pipe;
import io.conshelf.kql.syntax.Syntax.Print;
import io.conshelf.kql.syntax.Syntax.Project;
import io.conshelf.kql.syntax.Syntax.ProjectAway;
import io.conshelf.kql.syntax.Syntax.ProjectByNames;
import io.conshelf.kql.syntax.Syntax.ProjectKeep;
import io.conshelf.kql.syntax.Syntax.ProjectRename;
import io.conshelf.kql.syntax.Syntax.Query;
import io.conshelf.kql.syntax.Syntax.QueryParameters;
import io.conshelf.kql.syntax.Syntax.Restrict;
import io.conshelf.kql.syntax.Syntax.SetOption;
import io.conshelf.kql.syntax.Syntax.Statement;
import io.conshelf.kql.syntax.Syntax.TabularOperator;
import io.conshelf.kql.syntax.Syntax.TypeSpec;
import io.conshelf.kql.syntax.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Reads KQL. Any text gives a tree and diagnostics; nothing is thrown.
public final class Parser extends GraphReader {
    private Parser(String text, int start) {
        super(text, start);
    }

    /// A whole query text.
    public static Parsed parse(String text) {
        return parse(text, 0);
    }

    /// The query in `text` from `start` on, as behind `<|` of a command. Spans count from the start of `text`.
    public static Parsed parse(String text, int start) {
        Parser parser = new Parser(text, start);
        return parser.parsed(parser.query());
    }

    /// Operators that follow a command, from their `|` on, and what statements follow them: `.show tables | where ...; print 1`. The tree's first
    /// statement is a [Pipe] from [ContextualInput].
    public static Parsed parseOperators(String text, int start) {
        Parser parser = new Parser(text, start);
        return parser.parsed(parser.operatorsOnly());
    }

    /// The parameters and body of a stored function, `(a:long) { a + 1 }`: a tree of one statement, a [FunctionLiteral].
    public static Parsed parseFunction(String text, int start) {
        Parser parser = new Parser(text, start);
        return parser.parsed(parser.functionOnly());
    }

    private Parsed parsed(List<Statement> statements) {
        if (!peek().isEnd()) {
            missing("the end of the query; a '|' or ';' may be missing before this");
        }
        return new Parsed(new Query(statements, new Span(0, text.length())), diagnostics());
    }

    private List<Statement> query() {
        while (atKind(Kind.DIRECTIVE)) {
            take();
        }
        return statements();
    }

    private List<Statement> operatorsOnly() {
        int start = start();
        List<TabularOperator> operators = pipeTail();
        Expression pipe = new Pipe(new ContextualInput(new Span(start, 0)), operators, since(start));
        List<Statement> statements = new ArrayList<>(List.of(new ExpressionStatement(pipe, pipe.span())));
        if (tryTake(";")) {
            statements.addAll(statements());
        }
        return statements;
    }

    private List<Statement> functionOnly() {
        int start = start();
        Expression function = functionLiteral();
        tryTake(";");
        return List.of(new ExpressionStatement(function, since(start)));
    }

    // ------------------------------------------------------------------ statements

    private List<Statement> statements() {
        List<Statement> statements = new ArrayList<>();
        while (atStatement()) {
            statements.add(statement());
            if (!tryTake(";") && atStatement()) {
                missing("';'");
            }
        }
        return statements;
    }

    @Override
    FunctionBody queryBlock() {
        int start = start();
        List<Statement> statements = nested(this::statements, List::of);
        return new FunctionBody(statements, since(start));
    }

    private boolean atStatement() {
        return atSpecialStatement() || atExpression();
    }

    private boolean atSpecialStatement() {
        return at("alias") && at(1, "database") || at("let") && nameLength(1) > 0 || atDeclare()
                || at("restrict") && at(1, "access") || at("set");
    }

    private boolean atDeclare() {
        return at("declare") && (at(1, "pattern") || at(1, "query_parameters"));
    }

    private Statement statement() {
        if (!atSpecialStatement()) {
            Expression expression = expression();
            return new ExpressionStatement(expression, expression.span());
        }
        return switch (peek().text()) {
            case "alias" -> alias();
            case "let" -> let();
            case "set" -> setOption();
            case "restrict" -> restrict();
            default -> at(1, "pattern") ? pattern() : queryParameters();
        };
    }

    private Alias alias() {
        int start = start();
        take();
        expect("database");
        Name name = name();
        expect("=");
        return new Alias(name, unnamed(), since(start));
    }

    private Let let() {
        int start = start();
        take();
        Name name = name();
        expect("=");
        return new Let(name, letValue(), since(start));
    }

    private Expression letValue() {
        if (at("materialize")) {
            return queryCall();
        }
        if (atEntityGroup()) {
            return entityGroup();
        }
        if (at("entity_group")) {
            return call();
        }
        return atFunctionLiteral() ? functionLiteral() : expression();
    }

    private SetOption setOption() {
        int start = start();
        take();
        Name name = name();
        Optional<Expression> value = tryTake("=") ? Optional.of(unnamed()) : Optional.empty();
        return new SetOption(name, value, since(start));
    }

    private QueryParameters queryParameters() {
        int start = start();
        take();
        take();
        expect("(");
        List<Parameter> parameters = list(functionParameters, Length.ONE_OR_MORE, this::atEnd);
        expect(")");
        return new QueryParameters(parameters, since(start));
    }

    private Restrict restrict() {
        int start = start();
        take();
        take();
        expect("to");
        List<Expression> entities = List.of();
        if (expect("(")) {
            entities = list(new Item<>("a table", this::atEntity, this::entity), Length.ONE_OR_MORE, this::atEnd);
            expect(")");
        }
        List<OperatorParameter> parameters = freeProperties();
        return new Restrict(entities, parameters, since(start));
    }

    // ------------------------------------------------------------------ patterns

    private Pattern pattern() {
        int start = start();
        take();
        take();
        Name name = name();
        if (!tryTake("=")) {
            return new Pattern(name, List.of(), Optional.empty(), List.of(), since(start));
        }
        expect("(");
        List<ColumnDeclaration> parameters = list(columns, Length.ANY, this::atEnd);
        expect(")");
        Optional<ColumnDeclaration> path = Optional.empty();
        if (tryTake("[")) {
            path = Optional.of(columnDeclaration());
            expect("]");
        }
        expect("{");
        List<PatternCase> cases = new ArrayList<>();
        while (at("(")) {
            cases.add(patternCase());
        }
        if (cases.isEmpty()) {
            missing("a case such as ('x') = { query };");
        }
        expect("}");
        return new Pattern(name, parameters, path, cases, since(start));
    }

    private PatternCase patternCase() {
        int start = start();
        take();
        List<Expression> values = list(unnamedExpressions, Length.ONE_OR_MORE, this::atEnd);
        expect(")");
        Optional<Expression> path = Optional.empty();
        if (tryTake(".")) {
            expect("[");
            path = Optional.of(atLiteral() ? literal() : missingOperand("a string"));
            expect("]");
        }
        expect("=");
        FunctionBody body = functionBody();
        expect(";");
        return new PatternCase(values, path, body, since(start));
    }

    // ------------------------------------------------------------------ functions

    private boolean atFunctionLiteral() {
        int offset = at("view") ? 1 : 0;
        if (!at(offset, "(")) {
            return false;
        }
        int length = declaredNameLength(offset + 1);
        // A name alone in brackets before a body, or one before a comma, is a parameter that lacks its type.
        return at(offset + 1, ")") || at(offset + 1, "*") || length > 0 && (at(offset + 1 + length, ":") || at(offset + 1 + length, ",")
                || at(offset + 1 + length, ")") && at(offset + 2 + length, "{"));
    }

    private FunctionLiteral functionLiteral() {
        int start = start();
        boolean view = tryTake("view");
        List<Parameter> parameters = List.of();
        if (expect("(")) {
            parameters = list(functionParameters, Length.ANY, this::atEnd);
            expect(")");
        }
        return new FunctionLiteral(view, parameters, functionBody(), since(start));
    }

    private final Item<Parameter> functionParameters =
            new Item<>("a parameter such as name:type", () -> atDeclaredName() || at(":"), this::functionParameter);

    @Override
    Item<Parameter> functionParameters() {
        return functionParameters;
    }

    private Parameter functionParameter() {
        int start = start();
        Name name = declaredName();
        TypeSpec type = parameterType();
        Optional<Expression> defaultValue = tryTake("=") ? Optional.of(defaultValue()) : Optional.empty();
        return new Parameter(name, type, defaultValue, since(start));
    }

    private Expression defaultValue() {
        return atLiteral() ? literal() : atName() ? nameReference() : missingOperand("a literal");
    }

    private FunctionBody functionBody() {
        int start = start();
        if (!expect("{")) {
            return new FunctionBody(List.of(), here());
        }
        List<Statement> statements = nested(this::bodyStatements, List::of);
        expect("}");
        return new FunctionBody(statements, since(start));
    }

    private List<Statement> bodyStatements() {
        List<Statement> statements = new ArrayList<>();
        while (at("let") && nameLength(1) > 0 || at("declare") && at(1, "query_parameters")) {
            statements.add(at("let") ? let() : queryParameters());
            expect(";");
        }
        if (atExpression()) {
            Expression result = expression();
            statements.add(new ExpressionStatement(result, result.span()));
        }
        tryTake(";");
        return statements;
    }

    // ------------------------------------------------------------------ pipes

    /// Operators whose name may not be a column, or that look like operators from what follows them.
    @Override
    boolean startsQuery() {
        Token token = peek();
        if (token.kind() != Kind.KEYWORD) {
            return false;
        }
        return switch (token.text()) {
            case "evaluate" -> nameLength(1) > 0 || peek(1).text().startsWith("hint.");
            case "facet" -> at(1, "by");
            case "partition", "reduce" -> at(1, "by") || isHint(peek(1)) || at(1, "kind") && at(2, "=");
            case "range" -> nameLength(1) > 0 && at(1 + nameLength(1), "from");
            case "inline_external_table" -> atInlineExternalTable();
            case "render" -> isChart(peek(1)) || nameLength(1) > 0;
            default -> OPERATORS.contains(token.text()) && !Keywords.isSoft(token.text());
        };
    }

    private static boolean isHint(Token token) {
        return token.kind() == Kind.KEYWORD && token.text().startsWith("hint.");
    }

    @Override
    boolean atExpression() {
        return startsQuery() || atUnnamed() || atOperator();
    }

    @Override
    Expression expression() {
        int start = start();
        if (!atExpression()) {
            return missingExpression();
        }
        boolean operatorFirst = startsQuery() || !atUnnamed();
        Expression source = operatorFirst ? leadingOperator() : unnamed();
        List<TabularOperator> operators = pipeTail();
        return operators.isEmpty() ? source : new Pipe(source, operators, since(start));
    }

    private List<TabularOperator> pipeTail() {
        List<TabularOperator> operators = new ArrayList<>();
        while (tryTake("|")) {
            operators.add(requiredOperator());
        }
        return operators;
    }

    /// Operators that make rows of their own.
    private static final Set<String> SOURCES = Set.of("evaluate", "find", "macro-expand", "print", "range", "search", "union");

    private Expression leadingOperator() {
        if (atInlineExternalTable()) {
            return inlineExternalTable();
        }
        Token keyword = peek();
        TabularOperator operator = requiredOperator();
        if (!SOURCES.contains(keyword.text())) {
            refuse(keyword.span(), "the operator cannot be the first of a query: it needs a table and '|' before it");
        }
        return operator;
    }

    @Override
    Expression subquery() {
        return nested(() -> contextual(Integer.MAX_VALUE), this::missingExpression);
    }

    @Override
    Expression oneOperator() {
        return nested(() -> contextual(1), this::missingExpression);
    }

    @Override
    Expression subqueryOrQuery() {
        return atOperator() || !atExpression() ? subquery() : expression();
    }

    private Expression contextual(int operatorsMax) {
        int start = start();
        Expression source = new ContextualInput(new Span(start, 0));
        List<TabularOperator> operators = new ArrayList<>();
        if (at("__contextual_datatable")) {
            source = contextualDataTable();
        } else if (at("print") || at("range") || at("macro-expand")) {
            source = requiredOperator();
        } else {
            operators.add(requiredOperator());
        }
        while (operators.size() < operatorsMax && tryTake("|")) {
            operators.add(requiredOperator());
        }
        return operators.isEmpty() ? source : new Pipe(source, operators, since(start));
    }

    // ------------------------------------------------------------------ operators

    private static final Set<String> OPERATORS = Set.of("__executeAndCache", "__partitionby", "as", "assert-schema",
            "consume", "count", "distinct", "evaluate", "extend", "facet", "filter", "find", "fork", "getschema",
            "graph-mark-components", "graph-match", "graph-shortest-paths", "graph-to-table", "graph-where-edges",
            "graph-where-nodes", "invoke", "join", "limit", "lookup", "macro-expand", "make-graph", "make-series",
            "mv-apply", "mv-expand", "mvapply", "mvexpand", "order", "parse", "parse-kv", "parse-where", "partition",
            "print", "project", "project-away", "project-by-names", "project-keep", "project-rename",
            "project-reorder", "range", "reduce", "render", "sample", "sample-distinct", "scan", "search", "serialize",
            "sort", "summarize", "take", "top", "top-hitters", "top-nested", "union", "where");

    @Override
    boolean atOperator() {
        Token token = peek();
        return token.kind() == Kind.KEYWORD && OPERATORS.contains(token.text())
                && !((at("count") || at("range")) && at(1, "("));
    }

    private TabularOperator requiredOperator() {
        if (atOperator()) {
            return nested(this::operator, () -> new MissingOperator(here()));
        }
        int start = start();
        missing("a query operator");
        skipToPipe();
        return new MissingOperator(since(start));
    }

    /// Leaves what is no operator, up to the next one.
    private void skipToPipe() {
        int depth = 0;
        while (!peek().isEnd() && (depth > 0 || !atEnd())) {
            Token token = take();
            if (token.is("(") || token.is("[") || token.is("{")) {
                depth++;
            } else if (token.is(")") || token.is("]") || token.is("}")) {
                depth--;
            }
        }
    }

    private TabularOperator operator() {
        int start = start();
        return switch (peek().text()) {
            case "__executeAndCache" -> {
                take();
                yield new ExecuteAndCache(since(start));
            }
            case "__partitionby" -> partitionBy();
            case "as" -> as();
            case "assert-schema" -> assertSchema();
            case "consume" -> consume();
            case "count" -> count();
            case "distinct" -> distinct();
            case "evaluate" -> evaluate();
            case "extend" -> new Extend(columnsAfterKeyword(Length.ONE_OR_MORE), since(start));
            case "facet" -> facet();
            case "filter", "where" -> where();
            case "find" -> find();
            case "fork" -> fork();
            case "getschema" -> getSchema();
            case "graph-mark-components" -> graphMarkComponents();
            case "graph-match" -> graphMatch();
            case "graph-shortest-paths" -> graphShortestPaths();
            case "graph-to-table" -> graphToTable();
            case "graph-where-edges" -> graphWhereEdges();
            case "graph-where-nodes" -> graphWhereNodes();
            case "invoke" -> invoke();
            case "join" -> join();
            case "limit", "take" -> takeRows();
            case "lookup" -> lookup();
            case "macro-expand" -> macroExpand();
            case "make-graph" -> makeGraph();
            case "make-series" -> makeSeries();
            case "mv-apply", "mvapply" -> mvApply();
            case "mv-expand", "mvexpand" -> mvExpand();
            case "order", "sort" -> sort();
            case "parse" -> parse();
            case "parse-kv" -> parseKv();
            case "parse-where" -> parseWhere();
            case "partition" -> partition();
            case "print" -> new Print(columnsAfterKeyword(Length.ONE_OR_MORE), since(start));
            case "project" -> new Project(columnsAfterKeyword(Length.ANY), since(start));
            case "project-away" -> new ProjectAway(namesAfterKeyword(), since(start));
            case "project-by-names" -> {
                take();
                yield new ProjectByNames(list(unnamedExpressions, Length.ANY, this::atEnd), since(start));
            }
            case "project-keep" -> new ProjectKeep(namesAfterKeyword(), since(start));
            case "project-rename" -> new ProjectRename(columnsAfterKeyword(Length.ANY), since(start));
            case "project-reorder" -> projectReorder();
            case "range" -> range();
            case "reduce" -> reduce();
            case "render" -> render();
            case "sample" -> sample();
            case "sample-distinct" -> sampleDistinct();
            case "scan" -> scan();
            case "search" -> search();
            case "serialize" -> serialize();
            case "summarize" -> summarize();
            case "top" -> top();
            case "top-hitters" -> topHitters();
            case "top-nested" -> topNested();
            case "union" -> union();
            default -> throw new IllegalStateException("'" + peek().text() + "' is listed as an operator but not read");
        };
    }

    private List<Expression> columnsAfterKeyword(Length length) {
        take();
        return columns(length);
    }

    private List<Expression> namesAfterKeyword() {
        take();
        return list(namesOrWildcards, Length.ANY, this::atEnd);
    }
}
