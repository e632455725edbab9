package io.conshelf.kql.syntax;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// The whole syntax tree of KQL: one record a construct, nothing resolved, nothing lost but blanks and comments.
/// Old spellings are already normalised (`filter` is [Where], `<>` is [BinaryOperator#NOT_EQUAL]).
/// A tree of text with errors holds [MissingExpression] and [MissingOperator] where something was expected.
public sealed interface Syntax {
    Span span();

    // ---------------------------------------------------------------- statements

    /// A whole text: statements separated by `;`. The span covers all of the text.
    record Query(List<Statement> statements, Span span) implements Syntax {
        public Query {
            statements = List.copyOf(statements);
        }

        /// The whole tree, each node before those below it.
        public List<Syntax> nodes() {
            return Printer.nodes(this);
        }
    }

    sealed interface Statement extends Syntax {}

    /// `let name = value`; a function is a [FunctionLiteral] value.
    record Let(Name name, Expression value, Span span) implements Statement {}

    /// `set name` or `set name = value`.
    record SetOption(Name name, Optional<Expression> value, Span span) implements Statement {}

    /// `declare query_parameters(p:type = default, ...)`.
    record QueryParameters(List<Parameter> parameters, Span span) implements Statement {
        public QueryParameters {
            parameters = List.copyOf(parameters);
        }
    }

    /// `declare pattern name = (p:type) [path:type] { cases }`; without `=` it only announces the name.
    record Pattern(Name name, List<ColumnDeclaration> parameters, Optional<ColumnDeclaration> path,
            List<PatternCase> cases, Span span) implements Statement {
        public Pattern {
            parameters = List.copyOf(parameters);
            cases = List.copyOf(cases);
        }
    }

    /// `(values).[path] = { body };` of a pattern.
    record PatternCase(List<Expression> values, Optional<Expression> path, FunctionBody body, Span span)
            implements Syntax {
        public PatternCase {
            values = List.copyOf(values);
        }
    }

    /// `alias database name = cluster(...).database(...)`.
    record Alias(Name name, Expression value, Span span) implements Statement {}

    /// `restrict access to (entities) with (parameters)`.
    record Restrict(List<Expression> entities, List<OperatorParameter> parameters, Span span) implements Statement {
        public Restrict {
            entities = List.copyOf(entities);
            parameters = List.copyOf(parameters);
        }
    }

    /// A statement that is a query.
    record ExpressionStatement(Expression expression, Span span) implements Statement {}

    // ---------------------------------------------------------------- names, types, declarations

    /// A name, decoded: `['my name']` has the text `my name`. Empty where a name is missing.
    record Name(String text, boolean bracketed, Span span) implements Syntax {
        public boolean isMissing() {
            return text.isEmpty() && !bracketed;
        }
    }

    /// The ten scalar types. Old spellings (`date`, `double`, `boolean`, `uuid` ...) are known here too.
    enum ScalarTypeName {
        BOOL("bool", "boolean"),
        DATETIME("datetime", "date"),
        DECIMAL("decimal"),
        DYNAMIC("dynamic"),
        GUID("guid", "uuid", "uniqueid"),
        INT("int", "int8", "int16", "int32", "uint", "uint8", "uint16", "uint32", "byte", "char"),
        LONG("long", "int64", "uint64", "ulong"),
        REAL("real", "double", "float"),
        STRING("string"),
        TIMESPAN("timespan", "time");

        private final List<String> spellings;

        ScalarTypeName(String... spellings) {
            this.spellings = List.of(spellings);
        }

        /// The one spelling of today.
        public String text() {
            return spellings.getFirst();
        }

        public static Optional<ScalarTypeName> of(String spelling) {
            for (ScalarTypeName type : values()) {
                if (type.spellings.contains(spelling)) {
                    return Optional.of(type);
                }
            }
            return Optional.empty();
        }
    }

    /// What a parameter, `typeof` or `to typeof` may name: one scalar type, or the columns of a row.
    sealed interface TypeSpec extends Syntax {}

    /// A scalar type as written; empty text where it is missing.
    record TypeName(String text, Span span) implements TypeSpec {
        public Optional<ScalarTypeName> scalarType() {
            return ScalarTypeName.of(text);
        }
    }

    /// Where `*` ("and whatever else there is") stands in a [RowSchema].
    enum StarPosition { NONE, FIRST, LAST }

    /// `(a:long, b:string)`, `(*)`, `(a:long, *)`, `(*, a:long)`.
    record RowSchema(List<ColumnDeclaration> columns, StarPosition star, Span span) implements TypeSpec {
        public RowSchema {
            columns = List.copyOf(columns);
        }

        public boolean isOpen() {
            return star != StarPosition.NONE;
        }
    }

    /// `name:type`.
    record ColumnDeclaration(Name name, TypeName type, Span span) implements Syntax {}

    /// `name:type`, `name:type = default` or `name:(columns)` of a function, `scan declare` or `declare query_parameters`.
    record Parameter(Name name, TypeSpec type, Optional<Expression> defaultValue, Span span) implements Syntax {}

    /// Inner statements of a function; the last may be the expression it answers with.
    record FunctionBody(List<Statement> statements, Span span) implements Syntax {
        public FunctionBody {
            statements = List.copyOf(statements);
        }

        public Optional<Expression> result() {
            return !statements.isEmpty() && statements.getLast() instanceof ExpressionStatement(Expression e, _)
                    ? Optional.of(e) : Optional.empty();
        }
    }

    /// `name = value` of an operator or of a `with (...)` list. A word (`kind=inner`) is a [NameReference]; a list of
    /// columns (`ycolumns=a, b`) is a [ListExpression].
    record OperatorParameter(Name name, Expression value, Span span) implements Syntax {}

    enum SortOrder { DEFAULT, ASC, DESC, GRANNY_ASC, GRANNY_DESC }

    enum NullsOrder { DEFAULT, FIRST, LAST }

    /// `expression asc nulls last`; DEFAULT where nothing is written.
    record OrderedExpression(Expression expression, SortOrder order, NullsOrder nulls, Span span) implements Syntax {}

    // ---------------------------------------------------------------- expressions

    /// Anything with a value, scalar or tabular: the grammar does not tell them apart, the binder does.
    sealed interface Expression extends Syntax {}

    /// Something was expected here; a diagnostic says what.
    record MissingExpression(Span span) implements Expression {}

    /// What may follow a dot.
    sealed interface Selector extends Expression {}

    /// A column, variable, table ...: `a`, `['my name']`, `$left`, `@`.
    record NameReference(String name, boolean bracketed, Span span) implements Selector {}

    /// `Log*`, `*_suffix`, `a*b`: a name with at least one star and something else.
    record WildcardName(String pattern, boolean bracketed, Span span) implements Selector {}

    /// `{name}`, a placeholder that a client replaces before it sends the text.
    record ClientParameter(String name, Span span) implements Selector {}

    /// `name(arguments)`; a named argument is a [NamedExpression]. `toscalar`, `totable` and `materialize` take a query
    /// as their argument and may have `parameters` (`toscalar kind=nooptimization (...)`); others have none.
    record FunctionCall(Name function, List<OperatorParameter> parameters, List<Expression> arguments, Span span)
            implements Selector {
        public FunctionCall {
            parameters = List.copyOf(parameters);
            arguments = List.copyOf(arguments);
        }
    }

    /// `*` alone.
    record Star(Span span) implements Expression {}

    /// `target.selector`.
    record Path(Expression target, Selector selector, Span span) implements Expression {}

    /// `target[index]`.
    record Element(Expression target, Expression index, Span span) implements Expression {}

    /// `(inner)`.
    record Parenthesized(Expression inner, Span span) implements Expression {}

    /// `name = value`.
    record NamedExpression(Name name, Expression value, Span span) implements Expression {}

    /// `(a, b) = value`.
    record CompoundNamedExpression(List<Name> names, Expression value, Span span) implements Expression {
        public CompoundNamedExpression {
            names = List.copyOf(names);
        }
    }

    enum UnaryOperator {
        MINUS("-"), PLUS("+");

        private final String text;

        UnaryOperator(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }
    }

    record Unary(UnaryOperator operator, Expression operand, Span span) implements Expression {}

    enum BinaryOperator {
        OR("or"), AND("and"),
        EQUAL("=="), NOT_EQUAL("!="), LESS("<"), LESS_OR_EQUAL("<="), GREATER(">"), GREATER_OR_EQUAL(">="),
        EQUAL_TILDE("=~"), NOT_EQUAL_TILDE("!~"),
        ADD("+"), SUBTRACT("-"), MULTIPLY("*"), DIVIDE("/"), MODULO("%"),
        HAS("has"), HAS_CS("has_cs"), NOT_HAS("!has"), NOT_HAS_CS("!has_cs"),
        HAS_PREFIX("hasprefix"), HAS_PREFIX_CS("hasprefix_cs"),
        NOT_HAS_PREFIX("!hasprefix"), NOT_HAS_PREFIX_CS("!hasprefix_cs"),
        HAS_SUFFIX("hassuffix"), HAS_SUFFIX_CS("hassuffix_cs"),
        NOT_HAS_SUFFIX("!hassuffix"), NOT_HAS_SUFFIX_CS("!hassuffix_cs"),
        CONTAINS("contains"), CONTAINS_CS("contains_cs"),
        NOT_CONTAINS("!contains"), NOT_CONTAINS_CS("!contains_cs"),
        STARTS_WITH("startswith"), STARTS_WITH_CS("startswith_cs"),
        NOT_STARTS_WITH("!startswith"), NOT_STARTS_WITH_CS("!startswith_cs"),
        ENDS_WITH("endswith"), ENDS_WITH_CS("endswith_cs"),
        NOT_ENDS_WITH("!endswith"), NOT_ENDS_WITH_CS("!endswith_cs"),
        LIKE("like"), LIKE_CS("likecs"), NOT_LIKE("notlike"), NOT_LIKE_CS("notlikecs"),
        MATCHES_REGEX("matches regex"),
        /// `:`, the search operator: `has` of a term.
        SEARCH(":");

        private final String text;

        BinaryOperator(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }

        /// True of `!=`, `!has`, `notlike` and their kin.
        public boolean isNegated() {
            return text.startsWith("!") || text.startsWith("not");
        }
    }

    record Binary(BinaryOperator operator, Expression left, Expression right, Span operatorSpan, Span span)
            implements Expression {}

    enum InOperator {
        IN("in"), NOT_IN("!in"), IN_TILDE("in~"), NOT_IN_TILDE("!in~"), HAS_ANY("has_any"), HAS_ALL("has_all");

        private final String text;

        InOperator(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }
    }

    /// `left in (a, b)`; also `has_any` and `has_all`. The list may be one tabular expression.
    record In(InOperator operator, Expression left, ListExpression right, Span operatorSpan, Span span)
            implements Expression {}

    /// `(a, b, c)` after `in`, `has_any`, ... and as an operator parameter.
    record ListExpression(List<Expression> items, Span span) implements Expression {
        public ListExpression {
            items = List.copyOf(items);
        }
    }

    /// `operand between (from .. to)`.
    record Between(boolean negated, Expression operand, Expression from, Expression to, Span operatorSpan, Span span)
            implements Expression {}

    /// A source and the operators it is piped through.
    record Pipe(Expression source, List<TabularOperator> operators, Span span) implements Expression {
        public Pipe {
            operators = List.copyOf(operators);
        }
    }

    /// `source datascope=scope`, the scope `all` or `hotcache`.
    record DataScope(Expression source, Name scope, Span span) implements Expression {}

    /// The rows that a subquery is given (`fork`, `facet with`, `mv-apply on`, `partition`): the unwritten source of
    /// its first operator. Its span is empty.
    record ContextualInput(Span span) implements Expression {}

    /// `(parameters) { body }`, optionally `view () { ... }`: only as the value of a `let`.
    record FunctionLiteral(boolean view, List<Parameter> parameters, FunctionBody body, Span span)
            implements Expression {
        public FunctionLiteral {
            parameters = List.copyOf(parameters);
        }
    }

    /// `datatable (schema) [values]`, the values row after row.
    record DataTable(List<OperatorParameter> parameters, RowSchema schema, List<Expression> values, Span span)
            implements Expression {
        public DataTable {
            parameters = List.copyOf(parameters);
            values = List.copyOf(values);
        }
    }

    /// `__contextual_datatable(id, (schema))`.
    record ContextualDataTable(Expression id, RowSchema schema, Span span) implements Expression {}

    /// `externaldata (schema) [uris] with (properties)`.
    record ExternalData(List<OperatorParameter> parameters, RowSchema schema, List<Expression> uris,
            List<OperatorParameter> properties, Span span) implements Expression {
        public ExternalData {
            parameters = List.copyOf(parameters);
            uris = List.copyOf(uris);
            properties = List.copyOf(properties);
        }
    }

    /// `inline_external_table (schema) kind=storage partition by (...) pathformat=(...) dataformat=f (uris) with (...)`.
    record InlineExternalTable(RowSchema schema, Name kind, List<PartitionColumn> partitions,
            List<Expression> pathFormat, Name dataFormat, List<Expression> uris, List<OperatorParameter> properties,
            Span span) implements Expression {
        public InlineExternalTable {
            partitions = List.copyOf(partitions);
            pathFormat = List.copyOf(pathFormat);
            uris = List.copyOf(uris);
            properties = List.copyOf(properties);
        }
    }

    /// `name:type` or `name:type = value` in `partition by` of an external table.
    record PartitionColumn(Name name, TypeName type, Optional<Expression> value, Span span) implements Syntax {}

    /// `materialized-view-combine ('view') base (query) delta (query) aggregations (operator)`.
    record MaterializedViewCombine(Expression view, Expression base, Expression delta, Expression aggregations,
            Span span) implements Expression {}

    /// `entity_group [cluster(...).database(...), ...]`.
    record EntityGroup(List<Expression> members, Span span) implements Expression {
        public EntityGroup {
            members = List.copyOf(members);
        }
    }

    // ---------------------------------------------------------------- literals

    /// A literal: the text as written and its value. A text that is no value of its type is a [MalformedLiteral].
    sealed interface Literal extends Expression {
        String text();
    }

    record BoolLiteral(boolean value, String text, Span span) implements Literal {}

    record IntLiteral(int value, String text, Span span) implements Literal {}

    record LongLiteral(long value, String text, Span span) implements Literal {}

    record RealLiteral(double value, String text, Span span) implements Literal {}

    record DecimalLiteral(BigDecimal value, String text, Span span) implements Literal {}

    /// `ticks` counts 100 ns since 0001-01-01 UTC.
    record DatetimeLiteral(long ticks, String text, Span span) implements Literal {}

    /// `ticks` counts 100 ns.
    record TimespanLiteral(long ticks, String text, Span span) implements Literal {}

    record GuidLiteral(UUID value, String text, Span span) implements Literal {}

    /// One or more adjacent string literals, decoded and joined. Obfuscated (`h'...'`) texts are kept out of traces.
    record StringLiteral(String value, boolean obfuscated, String text, Span span) implements Literal {
        @Override
        public String toString() {
            return obfuscated ? "StringLiteral[obfuscated, span=" + span + "]"
                    : "StringLiteral[value=" + value + ", text=" + text + ", span=" + span + "]";
        }
    }

    /// `int(null)`, `datetime(null)`, `dynamic(null)`, also `long()`.
    record NullLiteral(ScalarTypeName type, String text, Span span) implements Literal {}

    /// `dynamic(...)` with a value other than null.
    record DynamicLiteral(DynamicValue value, String text, Span span) implements Literal {}

    /// `typeof(long)`, `typeof(a:long, b:string)`.
    record TypeofLiteral(TypeSpec type, String text, Span span) implements Literal {}

    /// A literal form (`datetime(2024-13-45)`) whose text is no value of its type. A diagnostic says so.
    record MalformedLiteral(ScalarTypeName type, String text, Span span) implements Literal {}

    /// What stands inside `dynamic(...)`: JSON, with typed literals where JSON has none.
    sealed interface DynamicValue extends Syntax {}

    record DynamicObject(List<DynamicProperty> properties, Span span) implements DynamicValue {
        public DynamicObject {
            properties = List.copyOf(properties);
        }
    }

    record DynamicProperty(String name, DynamicValue value, Span span) implements Syntax {}

    record DynamicArray(List<DynamicValue> items, Span span) implements DynamicValue {
        public DynamicArray {
            items = List.copyOf(items);
        }
    }

    /// A literal inside a dynamic; `null` is a [NullLiteral] of type dynamic.
    record DynamicScalar(Literal literal, Span span) implements DynamicValue {}

    // ---------------------------------------------------------------- tabular operators

    /// One step of a pipe. Some (`print`, `range`, `union`, `find`, `search`, ...) also start one, so it is an expression.
    sealed interface TabularOperator extends Expression {
        /// `name=value` pairs after the operator's name; empty where the operator has none.
        default List<OperatorParameter> parameters() {
            return List.of();
        }
    }

    /// An operator was expected, or its name is not known; the diagnostic says which.
    record MissingOperator(Span span) implements TabularOperator {}

    record As(List<OperatorParameter> parameters, Name name, Span span) implements TabularOperator {
        public As {
            parameters = List.copyOf(parameters);
        }
    }

    record AssertSchema(RowSchema schema, Span span) implements TabularOperator {}

    record Consume(List<OperatorParameter> parameters, Span span) implements TabularOperator {
        public Consume {
            parameters = List.copyOf(parameters);
        }
    }

    /// `count`, with the old `count as name`.
    record Count(List<OperatorParameter> parameters, Optional<Name> name, Span span) implements TabularOperator {
        public Count {
            parameters = List.copyOf(parameters);
        }
    }

    record Distinct(List<OperatorParameter> parameters, List<Expression> columns, Span span)
            implements TabularOperator {
        public Distinct {
            parameters = List.copyOf(parameters);
            columns = List.copyOf(columns);
        }
    }

    /// `evaluate plugin(arguments) : (schema)`.
    record Evaluate(List<OperatorParameter> parameters, FunctionCall plugin, Optional<RowSchema> schema, Span span)
            implements TabularOperator {
        public Evaluate {
            parameters = List.copyOf(parameters);
        }
    }

    record ExecuteAndCache(Span span) implements TabularOperator {}

    record Extend(List<Expression> columns, Span span) implements TabularOperator {
        public Extend {
            columns = List.copyOf(columns);
        }
    }

    /// `facet by columns with (subquery)`; the subquery starts at [ContextualInput].
    record Facet(List<Expression> columns, Optional<Expression> subquery, Span span) implements TabularOperator {
        public Facet {
            columns = List.copyOf(columns);
        }
    }

    /// `where` and `filter`.
    record Where(List<OperatorParameter> parameters, Expression predicate, Span span) implements TabularOperator {
        public Where {
            parameters = List.copyOf(parameters);
        }
    }

    /// `find withsource=c in (sources) where predicate project columns`. `dataScope` is `all` or `hotcache`.
    record Find(Optional<Name> dataScope, List<OperatorParameter> parameters, List<Expression> sources,
            Expression predicate, FindProjection projection, Span span) implements TabularOperator {
        public Find {
            parameters = List.copyOf(parameters);
            sources = List.copyOf(sources);
        }
    }

    /// What `find` answers with: the columns written, or (`smart`, also when nothing is written) what it thinks fit.
    record FindProjection(boolean smart, List<FindColumn> columns, List<FindColumn> away, Span span)
            implements Syntax {
        public FindProjection {
            columns = List.copyOf(columns);
            away = List.copyOf(away);
        }
    }

    /// A [NameReference] with an optional type, or `pack(*)` as a [FunctionCall], or [Star].
    record FindColumn(Expression column, Optional<TypeName> type, Span span) implements Syntax {}

    record Fork(List<ForkBranch> branches, Span span) implements TabularOperator {
        public Fork {
            branches = List.copyOf(branches);
        }
    }

    /// `name = (subquery)`; the subquery starts at [ContextualInput].
    record ForkBranch(Optional<Name> name, Expression subquery, Span span) implements Syntax {}

    record GetSchema(List<OperatorParameter> parameters, Span span) implements TabularOperator {
        public GetSchema {
            parameters = List.copyOf(parameters);
        }
    }

    record GraphMarkComponents(List<OperatorParameter> parameters, Span span) implements TabularOperator {
        public GraphMarkComponents {
            parameters = List.copyOf(parameters);
        }
    }

    /// `project` is empty where nothing is projected.
    record GraphMatch(List<OperatorParameter> parameters, List<GraphPattern> patterns, Optional<Expression> where,
            List<Expression> project, Span span) implements TabularOperator {
        public GraphMatch {
            parameters = List.copyOf(parameters);
            patterns = List.copyOf(patterns);
            project = List.copyOf(project);
        }
    }

    record GraphShortestPaths(List<OperatorParameter> parameters, List<GraphPattern> patterns,
            Optional<Expression> where, List<Expression> project, Span span) implements TabularOperator {
        public GraphShortestPaths {
            parameters = List.copyOf(parameters);
            patterns = List.copyOf(patterns);
            project = List.copyOf(project);
        }
    }

    /// `(a)-[e]->(b)--(c)`: nodes and edges in turn.
    record GraphPattern(List<GraphPatternElement> elements, Span span) implements Syntax {
        public GraphPattern {
            elements = List.copyOf(elements);
        }
    }

    sealed interface GraphPatternElement extends Syntax {}

    /// `(name)` or `()`.
    record GraphNode(Optional<Name> name, Span span) implements GraphPatternElement {}

    enum EdgeDirection { LEFT, RIGHT, ANY }

    /// `-->`, `<--`, `--`, `-[name]->`, `-[name*1..5]-`.
    record GraphEdge(Optional<Name> name, EdgeDirection direction, Optional<GraphEdgeRange> range, Span span)
            implements GraphPatternElement {}

    /// `*from..to` of a variable length edge.
    record GraphEdgeRange(Expression from, Expression to, Span span) implements Syntax {}

    record GraphToTable(List<GraphOutput> outputs, Span span) implements TabularOperator {
        public GraphToTable {
            outputs = List.copyOf(outputs);
        }
    }

    enum GraphOutputKind { NODES, EDGES }

    /// `nodes as N with_node_id=id` or `edges as E with_source_id=s with_target_id=t`.
    record GraphOutput(GraphOutputKind kind, Optional<Name> name, List<OperatorParameter> parameters, Span span)
            implements Syntax {
        public GraphOutput {
            parameters = List.copyOf(parameters);
        }
    }

    record GraphWhereEdges(Expression predicate, Span span) implements TabularOperator {}

    record GraphWhereNodes(Expression predicate, Span span) implements TabularOperator {}

    /// `invoke f(arguments)`, also `invoke database('d').f(arguments)`.
    record Invoke(Expression function, Span span) implements TabularOperator {}

    /// `join kind=k (right) on conditions`; each condition is a name or a comparison, `and` between them kept as written.
    record Join(List<OperatorParameter> parameters, Expression right, List<Expression> conditions, Span span)
            implements TabularOperator {
        public Join {
            parameters = List.copyOf(parameters);
            conditions = List.copyOf(conditions);
        }
    }

    record Lookup(List<OperatorParameter> parameters, Expression right, List<Expression> conditions, Span span)
            implements TabularOperator {
        public Lookup {
            parameters = List.copyOf(parameters);
            conditions = List.copyOf(conditions);
        }
    }

    /// `macro-expand group as scope (statements)`.
    record MacroExpand(List<OperatorParameter> parameters, Expression entityGroup, Optional<Name> scope,
            FunctionBody body, Span span) implements TabularOperator {
        public MacroExpand {
            parameters = List.copyOf(parameters);
        }
    }

    /// `make-graph source --> target with nodes on id, ...` or `with_node_id=name`.
    record MakeGraph(List<OperatorParameter> parameters, Name source, Name target, Optional<Name> nodeId,
            List<GraphNodeTable> nodes, Optional<GraphPartition> partition, Span span) implements TabularOperator {
        public MakeGraph {
            parameters = List.copyOf(parameters);
            nodes = List.copyOf(nodes);
        }
    }

    /// `table on key` of `make-graph ... with`.
    record GraphNodeTable(Expression table, Name key, Span span) implements Syntax {}

    /// `partitioned-by column (subquery)`.
    record GraphPartition(Expression column, Expression subquery, Span span) implements Syntax {}

    record MakeSeries(List<OperatorParameter> parameters, List<SeriesAggregate> aggregates, Expression on,
            SeriesRange range, List<Expression> by, Span span) implements TabularOperator {
        public MakeSeries {
            parameters = List.copyOf(parameters);
            aggregates = List.copyOf(aggregates);
            by = List.copyOf(by);
        }
    }

    /// `aggregate default = value`.
    record SeriesAggregate(Expression aggregate, Optional<Expression> defaultValue, Span span) implements Syntax {}

    sealed interface SeriesRange extends Syntax {}

    /// `from a to b step c`.
    record SeriesFromToStep(Optional<Expression> from, Optional<Expression> to, Expression step, Span span)
            implements SeriesRange {}

    /// The old `in range(a, b, c)`.
    record SeriesInRange(List<Expression> arguments, Span span) implements SeriesRange {
        public SeriesInRange {
            arguments = List.copyOf(arguments);
        }
    }

    /// `mv-apply columns limit n on (subquery)`; the subquery starts at [ContextualInput].
    record MvApply(List<OperatorParameter> parameters, List<ExpandColumn> columns, Optional<Expression> limit,
            Optional<Expression> id, Expression subquery, Span span) implements TabularOperator {
        public MvApply {
            parameters = List.copyOf(parameters);
            columns = List.copyOf(columns);
        }
    }

    /// @param keyword `mv-expand`, or its old form `mvexpand`, which makes fewer rows of one where no limit is given
    record MvExpand(String keyword, List<OperatorParameter> parameters, List<ExpandColumn> columns, Optional<Expression> limit,
            Span span) implements TabularOperator {
        public MvExpand {
            parameters = List.copyOf(parameters);
            columns = List.copyOf(columns);
        }
    }

    /// `expression to typeof(type)`; the expression may be named.
    record ExpandColumn(Expression expression, Optional<TypeSpec> type, Span span) implements Syntax {}

    record Parse(List<OperatorParameter> parameters, Expression target, List<ParsePart> parts, Span span)
            implements TabularOperator {
        public Parse {
            parameters = List.copyOf(parameters);
            parts = List.copyOf(parts);
        }
    }

    record ParseWhere(List<OperatorParameter> parameters, Expression target, List<ParsePart> parts, Span span)
            implements TabularOperator {
        public ParseWhere {
            parameters = List.copyOf(parameters);
            parts = List.copyOf(parts);
        }
    }

    sealed interface ParsePart extends Syntax {}

    record ParseText(StringLiteral text, Span span) implements ParsePart {}

    record ParseColumn(Name name, Optional<TypeName> type, Span span) implements ParsePart {}

    /// `*`: skip up to the next part.
    record ParseSkip(Span span) implements ParsePart {}

    /// `parse-kv target as (schema) with (parameters)`.
    record ParseKv(List<OperatorParameter> parameters, Expression target, RowSchema schema, Span span)
            implements TabularOperator {
        public ParseKv {
            parameters = List.copyOf(parameters);
        }
    }

    /// `partition by column (subquery)` from [ContextualInput], or, `braced`, `partition by column { query }` with a source of its own.
    record Partition(List<OperatorParameter> parameters, Expression column, Optional<Expression> scope,
            Expression subquery, boolean braced, Span span) implements TabularOperator {
        public Partition {
            parameters = List.copyOf(parameters);
        }
    }

    /// `__partitionby column id literal (subquery)`.
    record PartitionBy(List<OperatorParameter> parameters, Expression column, Optional<Expression> id,
            Expression subquery, Span span) implements TabularOperator {
        public PartitionBy {
            parameters = List.copyOf(parameters);
        }
    }

    record Print(List<Expression> columns, Span span) implements TabularOperator {
        public Print {
            columns = List.copyOf(columns);
        }
    }

    record Project(List<Expression> columns, Span span) implements TabularOperator {
        public Project {
            columns = List.copyOf(columns);
        }
    }

    record ProjectAway(List<Expression> columns, Span span) implements TabularOperator {
        public ProjectAway {
            columns = List.copyOf(columns);
        }
    }

    record ProjectByNames(List<Expression> columns, Span span) implements TabularOperator {
        public ProjectByNames {
            columns = List.copyOf(columns);
        }
    }

    record ProjectKeep(List<Expression> columns, Span span) implements TabularOperator {
        public ProjectKeep {
            columns = List.copyOf(columns);
        }
    }

    record ProjectRename(List<Expression> columns, Span span) implements TabularOperator {
        public ProjectRename {
            columns = List.copyOf(columns);
        }
    }

    record ProjectReorder(List<OrderedExpression> columns, Span span) implements TabularOperator {
        public ProjectReorder {
            columns = List.copyOf(columns);
        }
    }

    /// `range name from a to b step c`.
    record Range(Name name, Expression from, Expression to, Expression step, Span span) implements TabularOperator {}

    /// `reduce kind=k by expression with threshold=t, characters=c`.
    record Reduce(List<OperatorParameter> parameters, Expression by, List<OperatorParameter> with, Span span)
            implements TabularOperator {
        public Reduce {
            parameters = List.copyOf(parameters);
            with = List.copyOf(with);
        }
    }

    /// `render chart with (properties)`; old properties without `with` are among them.
    record Render(Name chart, List<OperatorParameter> parameters, Span span) implements TabularOperator {
        public Render {
            parameters = List.copyOf(parameters);
        }
    }

    record Sample(List<OperatorParameter> parameters, Expression count, Span span) implements TabularOperator {
        public Sample {
            parameters = List.copyOf(parameters);
        }
    }

    record SampleDistinct(List<OperatorParameter> parameters, Expression count, Expression of, Span span)
            implements TabularOperator {
        public SampleDistinct {
            parameters = List.copyOf(parameters);
        }
    }

    record Scan(List<OperatorParameter> parameters, List<OrderedExpression> orderBy, List<Expression> partitionBy,
            List<Parameter> declarations, List<ScanStep> steps, Span span) implements TabularOperator {
        public Scan {
            parameters = List.copyOf(parameters);
            orderBy = List.copyOf(orderBy);
            partitionBy = List.copyOf(partitionBy);
            declarations = List.copyOf(declarations);
            steps = List.copyOf(steps);
        }
    }

    /// `step name optional output=last : condition => a = x, b = y;`.
    record ScanStep(Name name, boolean isOptional, List<OperatorParameter> parameters, Expression condition,
            List<NamedExpression> assignments, Span span) implements Syntax {
        public ScanStep {
            parameters = List.copyOf(parameters);
            assignments = List.copyOf(assignments);
        }
    }

    /// `search kind=k in (sources) predicate`. `dataScope` is `all` or `hotcache`.
    record Search(Optional<Name> dataScope, List<OperatorParameter> parameters, List<Expression> sources,
            Expression predicate, Span span) implements TabularOperator {
        public Search {
            parameters = List.copyOf(parameters);
            sources = List.copyOf(sources);
        }
    }

    record Serialize(List<OperatorParameter> parameters, List<Expression> columns, Span span)
            implements TabularOperator {
        public Serialize {
            parameters = List.copyOf(parameters);
            columns = List.copyOf(columns);
        }
    }

    /// `sort by` and `order by`.
    record Sort(List<OperatorParameter> parameters, List<OrderedExpression> keys, Span span)
            implements TabularOperator {
        public Sort {
            parameters = List.copyOf(parameters);
            keys = List.copyOf(keys);
        }
    }

    record Summarize(List<OperatorParameter> parameters, List<Expression> aggregates, List<Expression> by, Span span)
            implements TabularOperator {
        public Summarize {
            parameters = List.copyOf(parameters);
            aggregates = List.copyOf(aggregates);
            by = List.copyOf(by);
        }
    }

    /// `take` and `limit`.
    record Take(List<OperatorParameter> parameters, Expression count, Span span) implements TabularOperator {
        public Take {
            parameters = List.copyOf(parameters);
        }
    }

    record Top(List<OperatorParameter> parameters, Expression count, OrderedExpression by, Span span)
            implements TabularOperator {
        public Top {
            parameters = List.copyOf(parameters);
        }
    }

    record TopHitters(Expression count, Expression of, Optional<Expression> by, Span span)
            implements TabularOperator {}

    record TopNested(List<TopNestedLevel> levels, Span span) implements TabularOperator {
        public TopNested {
            levels = List.copyOf(levels);
        }
    }

    /// `top-nested count of expression with others = literal by order`.
    record TopNestedLevel(Optional<Expression> count, Expression of, Optional<Expression> others,
            OrderedExpression by, Span span) implements Syntax {}

    record Union(List<OperatorParameter> parameters, List<Expression> sources, Span span) implements TabularOperator {
        public Union {
            parameters = List.copyOf(parameters);
            sources = List.copyOf(sources);
        }
    }
}
