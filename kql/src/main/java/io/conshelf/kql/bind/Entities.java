package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Catalog.Definition.Purpose;
import io.conshelf.kql.bind.Catalog.Table;
import io.conshelf.kql.bind.Catalog.TableKind;
import io.conshelf.kql.bind.Meaning.Scalar;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.TableId;
import io.conshelf.kql.syntax.Diagnostic;
import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Finds tables, views, functions and databases by name, and makes the plans that read them.
final class Entities {
    private static final String BLOCKING = "request_block_row_level_security";
    private static final String FORCING = "query_force_row_level_security";

    private final Binder binder;
    private final Map<String, Meaning.Function> functions = new HashMap<>();
    private final Set<String> aliases = new java.util.HashSet<>();
    private final Map<String, String> databaseOfAlias = new HashMap<>();
    private final List<Restriction> restrictions = new ArrayList<>();
    private boolean insideAllowed;
    /// The stored functions whose bodies are being bound, the innermost first.
    private final ArrayDeque<String> bodies = new ArrayDeque<>();
    /// How many of its definitions a table is being read within.
    private final Map<TableId, Integer> expanding = new HashMap<>();

    Entities(Binder binder) {
        this.binder = binder;
    }

    // ---------------------------------------------------------------- statements about entities

    void alias(String name, String database) {
        aliases.add(name);
        databaseOfAlias.put(name, database);
    }

    /// From here on only what it names may be read (`restrict access to`), and that no later one opens again.
    void restrict(Restriction restriction) {
        restrictions.add(restriction);
    }

    /// Does something as this function; one that may be read may read what it needs.
    <T> T within(Meaning.Function function, Supplier<T> work) {
        boolean before = insideAllowed;
        boolean isStored = function.source().isPresent();
        insideAllowed |= isAllowed(restriction -> isStored
                ? restriction.allows(function.scope().database(), function.name()) : restriction.allows(function));
        if (isStored) {
            bodies.push(key(function.scope().database(), function.name()));
        }
        try {
            return work.get();
        } finally {
            insideAllowed = before;
            if (isStored) {
                bodies.pop();
            }
        }
    }

    /// Does something as a case of this pattern.
    <T> T within(Meaning.Pattern pattern, Supplier<T> work) {
        return isAllowed(restriction -> restriction.allows(pattern)) ? insideAllowed(work) : work.get();
    }

    private boolean isAllowed(Predicate<Restriction> allows) {
        return !restrictions.isEmpty() && restrictions.stream().allMatch(allows);
    }

    /// Does something for what may be read, which may read what it needs.
    <T> T insideAllowed(Supplier<T> work) {
        boolean before = insideAllowed;
        insideAllowed = true;
        try {
            return work.get();
        } finally {
            insideAllowed = before;
        }
    }

    /// Whether what lies outside the cluster may be read here: `restrict access` opens what it names, and what that needs.
    ///
    /// @param construct `externaldata`, or a plugin
    boolean mayReachOutside(String construct) {
        return insideAllowed || restrictions.stream().allMatch(restriction -> restriction.allowsConstruct(construct));
    }

    private static String key(String database, String name) {
        return database + "\n" + name;
    }

    // ---------------------------------------------------------------- by name

    /// A table, view or function of a database that a bare name stands for. A function hides a table of its name, except from its
    /// own body.
    Optional<Meaning> find(String database, String name, Span at) {
        if (key(database, name).equals(bodies.peek())) {
            return tableOrFunction(database, name, at);
        }
        return function(database, name, at).<Meaning>map(function -> function).or(() -> tableOrFunction(database, name, at));
    }

    /// What `table()` means by a name.
    private Optional<Meaning> tableOrFunction(String database, String name, Span at) {
        for (TableKind kind : List.of(TableKind.TABLE, TableKind.MATERIALIZED_VIEW)) {
            Optional<Table> table = binder.catalog().table(database, kind, name);
            if (table.isPresent()) {
                return Optional.of(readChecked(database, table.get(), at));
            }
        }
        return function(database, name, at).map(function -> function);
    }

    Optional<Meaning.Function> function(String database, String name, Span at) {
        String key = key(database, name);
        if (!functions.containsKey(key)) {
            // One whose text is wrong is told of wherever it is named: what was said before may be of a view that was left out.
            binder.catalog().function(database, name)
                    .flatMap(stored -> binder.functions.stored(stored, database, at))
                    .ifPresent(function -> functions.put(key, function));
        }
        return Optional.ofNullable(functions.get(key));
    }

    /// Whether `restrict access to` leaves a table or graph of a database to the query.
    boolean mayRead(String database, String name) {
        return insideAllowed || restrictions.stream().allMatch(restriction -> restriction.allows(database, name));
    }

    private Meaning readChecked(String database, Table table, Span at) {
        if (!mayRead(database, table.name())) {
            return binder.fail(Messages.restricted(at, table.name()));
        }
        return read(table, at);
    }

    private Meaning.Rows read(Table table, Span at) {
        if (binder.settings.isOn(BLOCKING) && table.definitions().stream().anyMatch(definition -> definition.purpose() == Purpose.ROW_LEVEL_SECURITY)) {
            binder.report(Messages.blocked(at, table.name(), BLOCKING));
            return failed(table);
        }
        // The query of a policy or of a view is about all times.
        return isInDefinition() ? unscoped(table, at) : new DateTimeScope(binder).of(unscoped(table, at), at);
    }

    private Meaning.Rows unscoped(Table table, Span at) {
        List<Catalog.Definition> definitions = binder.settings.isOn(FORCING) ? table.definitions()
                : table.definitions().stream().filter(definition -> definition.purpose() != Purpose.ROW_LEVEL_SECURITY_OFF).toList();
        int within = expanding.getOrDefault(table.id(), 0);
        if (within < definitions.size()) {
            return defined(table, definitions.get(within), at);
        }
        List<Column> columns = table.columns().stream().map(c -> binder.column(c.name(), c.type())).toList();
        return new Meaning.Rows(new Plan.Scan(table.id(), columns), false, table.name());
    }

    /// Whether the query of a table, which its reader has not written, is being bound.
    boolean isInDefinition() {
        return expanding.values().stream().anyMatch(depth -> depth > 0);
    }

    /// Whether what is being bound is kept, and asked again by others.
    private boolean isKept() {
        return isInDefinition() || binder.catalog().databases().isEmpty();
    }

    private Meaning.Rows defined(Table table, Catalog.Definition definition, Span at) {
        expanding.merge(table.id(), 1, Integer::sum);
        try {
            Binder.Apart<Optional<Meaning>> bound = binder.apart(() -> binder.functions.anew(() -> binder.functions
                    .stored(new Catalog.StoredFunction(table.name(), "", "{ " + definition.query() + "\n}"), definition.database(), at)
                    .map(query -> binder.functions.call(query, List.of(), at, at, Env.of(Scope.of(definition.database()))))));
            bound.diagnostics().forEach(binder::report);
            if (!bound.errors().isEmpty()) {
                // What is wrong in it may be what should leave rows out.
                return failed(table);
            }
            Optional<Meaning> meaning = bound.result();
            if (meaning.isPresent() && meaning.get() instanceof Meaning.Rows rows) {
                var seen = new Meaning.Rows(SeenRows.of(rows.plan()), rows.open(), rows.label());
                return table.kind() != TableKind.MATERIALIZED_VIEW ? asTable(table, seen, at) : new Meaning.Rows(seen.plan(), seen.open(), table.name());
            }
            if (meaning.isPresent() && !(meaning.get() instanceof Meaning.Failed)) {
                binder.report(Messages.failedInside(at, table.name(), "its query gives no rows"));
            }
            return failed(table);
        } finally {
            expanding.merge(table.id(), -1, Integer::sum);
        }
    }

    /// The rows that a table's own query lets through, in the table's columns.
    private Meaning.Rows asTable(Table table, Meaning.Rows rows, Span at) {
        List<Column> columns = new ArrayList<>();
        for (ColumnSchema wanted : table.columns()) {
            Optional<Column> found = rows.plan().columns().stream().filter(c -> c.schema().equals(wanted)).findFirst();
            if (found.isEmpty()) {
                binder.report(Messages.failedInside(at, table.name(), "its row-level security gives no column '" + wanted.name()
                        + "' of the type " + wanted.type()));
                return failed(table);
            }
            columns.add(found.get());
        }
        return new Meaning.Rows(Binder.keep(rows.plan(), columns), false, table.name());
    }

    private Meaning.Rows failed(Table table) {
        List<Column> columns = table.columns().stream().map(c -> binder.column(c.name(), c.type())).toList();
        return new Meaning.Rows(binder.nothing(columns), true, table.name());
    }

    /// Another reading of rows that have a name: the same plan with columns of its own.
    Meaning.Rows reference(Meaning.Rows rows) {
        return new Meaning.Rows(new PlanCopy(binder).copy(rows.plan()), rows.open(), rows.label());
    }

    /// The plan as one that is evaluated once however often it is read.
    Plan shared(Plan plan) {
        if (plan instanceof Plan.Shared) {
            return plan;
        }
        List<Column> columns = plan.columns().stream().map(c -> binder.column(c.name(), c.type())).toList();
        return new Plan.Shared(binder.shareId(), plan, columns);
    }

    /// All tables and stored views of a database whose names match a pattern with stars. Materialized views are read by name only.
    List<Meaning.Rows> matching(String database, String pattern, Span at) {
        Stream<Meaning.Rows> tables = binder.catalog().tables(database, TableKind.TABLE).stream()
                .filter(table -> matches(pattern, table.name()))
                .filter(table -> mayRead(database, table.name()))
                .map(table -> read(table, new Span(0, 0)));
        Stream<Meaning.Rows> views = binder.catalog().views(database).stream()
                .filter(name -> matches(pattern, name))
                .filter(name -> mayRead(database, name))
                .flatMap(name -> view(database, name, at).stream());
        return Stream.concat(tables, views).toList();
    }

    /// The rows of a stored view that a name with stars means; none inside itself. Like a table that the asker may not read, one that
    /// gives them an error or cannot be run must not spoil the query for them: it is left out, and a warning tells why. What is kept says
    /// that to nobody, and a policy without it might let rows through: there it is an error.
    private Optional<Meaning.Rows> view(String database, String name, Span at) {
        Supplier<Optional<Meaning>> view = () -> function(database, name, at)
                .filter(function -> function.missing().isEmpty() && !binder.functions.isBeingBound(function))
                .map(function -> rows(binder.functions.call(function, List.of(), at, at, Env.of(Scope.of(database))), name, at));
        Binder.Apart<Optional<Meaning>> bound = isKept() ? binder.apart(view) : binder.apartWithRefusals(view);
        Optional<Diagnostic> error = bound.errors().stream().findFirst();
        if (error.isPresent() && !isKept()) {
            binder.report(Messages.viewLeftOut(at, name, error.get().message()));
            return Optional.empty();
        }
        bound.diagnostics().forEach(binder::report);
        return bound.result().filter(Meaning.Rows.class::isInstance).map(Meaning.Rows.class::cast)
                .map(rows -> new Meaning.Rows(rows.plan(), rows.open(), name));
    }

    private Meaning rows(Meaning meaning, String name, Span at) {
        return meaning instanceof Meaning.Rows || meaning instanceof Meaning.Failed ? meaning
                : binder.fail(Messages.failedInside(at, name, "it gives no rows"));
    }

    /// Whether a name means a stored view.
    boolean isView(String database, String name) {
        return binder.catalog().function(database, name).filter(Catalog.StoredFunction::isView).isPresent();
    }

    static boolean matches(String pattern, String name) {
        if (!pattern.contains("*")) {
            return pattern.equals(name);
        }
        String regex = Pattern.compile("\\*").splitAsStream(pattern + " ")
                .map(Pattern::quote)
                .collect(java.util.stream.Collectors.joining(".*"));
        return Pattern.compile(regex, Pattern.DOTALL).matcher(name + " ").matches();
    }

    // ---------------------------------------------------------------- table(), database(), cluster()

    Meaning call(Syntax.FunctionCall call, Env env) {
        String function = call.function().text();
        if (call.arguments().isEmpty()) {
            return binder.fail(Messages.wrongArgumentCount(call.function().span(), function, "1 argument", 0));
        }
        Expression argument = call.arguments().getFirst();
        Optional<String> name = constantText(argument, env);
        if (name.isEmpty()) {
            return new Meaning.Failed();
        }
        Span at = argument.span();
        String database = env.scope().database();
        return switch (function) {
            case "database" -> database(name.get(), at);
            case "cluster" -> cluster(name.get(), at);
            case "external_table" -> external(database, name.get(), call, env);
            case "materialized_view" -> part(database, name.get(), call, env);
            case "stored_query_result" -> named(database, TableKind.STORED_RESULT, name.get(), at);
            case "table" -> table(database, name.get(), at, env);
            default -> {
                binder.refuse(call.function().span(), function + "()");
                yield new Meaning.Rows(new Plan.Refused(function, List.of()), true, "");
            }
        };
    }

    private Optional<String> constantText(Expression argument, Env env) {
        Optional<Expr> value = binder.expressions.expr(argument, Env.of(env.scope()));
        if (value.isEmpty()) {
            return Optional.empty();
        }
        Optional<String> text = Literals.text(value.get());
        // A parameter of a function that is only being declared has its value where it is called.
        if (text.isEmpty() && !binder.isUndecided(value.get())) {
            binder.report(Messages.constantExpected(argument.span(), "The name"));
        }
        return text;
    }

    private Meaning database(String name, Span at) {
        if (name.contains("*")) {
            if (isKept()) {
                return binder.fail(Messages.databasesOfKeptQuery(at, name));
            }
            List<Meaning.Database> found = binder.catalog().databases().orElseThrow().stream()
                    .filter(known -> matches(name, known)).map(Meaning.Database::new).toList();
            return found.isEmpty() ? binder.fail(Messages.unknownDatabase(at, name)) : new Meaning.EntityGroup(found);
        }
        String actual = databaseOfAlias.getOrDefault(name, name);
        return binder.catalog().database(actual).<Meaning>map(Meaning.Database::new)
                .orElseGet(() -> aliases.contains(name) ? new Meaning.Failed()
                        : binder.fail(Messages.unknownDatabase(at, name)));
    }

    private Meaning cluster(String name, Span at) {
        return binder.catalog().isThisCluster(name) ? new Meaning.Cluster()
                : binder.fail(Messages.unknownCluster(at, name));
    }

    private Meaning named(String database, TableKind kind, String name, Span at) {
        return binder.catalog().table(database, kind, name).map(table -> readChecked(database, table, at))
                .orElseGet(() -> binder.fail(Messages.unresolvedEntity(at, "stored query result", name)));
    }

    /// `external_table('name', 'mapping')`. In place of a mapping stands how old accelerated data may be, which nothing is here.
    private Meaning external(String database, String name, Syntax.FunctionCall call, Env env) {
        Span at = call.arguments().getFirst().span();
        String mapping = "";
        if (call.arguments().size() > 1) {
            Optional<Expr> value = binder.expressions.expr(call.arguments().get(1), Env.of(env.scope()));
            if (value.isEmpty()) {
                return new Meaning.Failed();
            }
            if (value.get().type() != Type.TIMESPAN) {
                Optional<String> text = constantText(call.arguments().get(1), env);
                if (text.isEmpty()) {
                    return new Meaning.Failed();
                }
                mapping = text.get();
            }
        }
        if (OutsideSources.forbidsTables(binder, at)) {
            return new Meaning.Failed();
        }
        return binder.catalog().externalTable(database, name, mapping).map(table -> readChecked(database, table, at))
                .orElseGet(() -> binder.fail(Messages.unresolvedEntity(at, "external table", name)));
    }

    /// `materialized_view('name' [, max_age])`.
    private Meaning part(String database, String name, Syntax.FunctionCall call, Env env) {
        Span at = call.arguments().getFirst().span();
        OptionalLong ageMax = OptionalLong.empty();
        if (call.arguments().size() > 1) {
            Expression argument = call.arguments().get(1);
            Optional<Expr> age = binder.expressions.expr(argument, Env.of(env.scope()));
            if (age.isEmpty()) {
                return new Meaning.Failed();
            }
            if (!(age.get() instanceof Expr.Constant(Type type, Long ticks)) || type != Type.TIMESPAN) {
                return binder.fail(Messages.constantExpected(argument.span(), "The age"));
            }
            ageMax = OptionalLong.of(ticks);
        }
        return binder.catalog().materializedPart(database, name, ageMax).map(table -> readChecked(database, table, at))
                .orElseGet(() -> binder.fail(Messages.unresolvedEntity(at, "materialized view", name)));
    }

    /// `table('name')`: a table or view, or rows that a statement named.
    private Meaning table(String database, String name, Span at, Env env) {
        if (env.scope().find(name).orElse(new Meaning.Failed()) instanceof Meaning.Rows rows) {
            return reference(rows);
        }
        return tableOrFunction(database, name, at).orElseGet(() -> binder.fail(Messages.unresolvedTable(at, "", name)));
    }

    // ---------------------------------------------------------------- paths

    Meaning inCluster(Syntax.Selector selector, Env env) {
        if (selector instanceof Syntax.FunctionCall call && call.function().text().equals("database")) {
            return call(call, env);
        }
        return binder.fail(Messages.unknownFunction(selector.span(), selector instanceof Syntax.FunctionCall call
                ? call.function().text() : "cluster().…"));
    }

    Meaning inDatabase(Meaning.Database database, Syntax.Selector selector, Env env) {
        return switch (selector) {
            case Syntax.NameReference(String name, _, _) when name.equals("$current_database")
                    || name.equals("$current_cluster_endpoint") ->
                    Scalar.named(new Expr.Constant(Type.STRING, database.name()), name);
            case Syntax.NameReference(String name, _, Span at) -> find(database.name(), name, at)
                    .orElseGet(() -> binder.fail(Messages.unresolvedTable(at, "", name)));
            case Syntax.FunctionCall call -> callIn(database, call, env);
            case Syntax.WildcardName wildcard -> allMatching(matching(database.name(), wildcard.pattern(), wildcard.span()), wildcard);
            case Syntax.ClientParameter parameter -> binder.fail(Messages.unresolvedTable(parameter.span(), "", parameter.name()));
        };
    }

    /// A table or view of a database by its name; what is not there is not told.
    Optional<Meaning.Rows> tableOf(String database, String name, Span at) {
        Binder.Apart<Optional<Meaning>> bound = binder.apart(() -> tableOrFunction(database, name, at));
        Optional<Meaning.Rows> rows = bound.result().filter(Meaning.Rows.class::isInstance).map(Meaning.Rows.class::cast);
        rows.ifPresent(_ -> bound.diagnostics().forEach(binder::report));
        return rows;
    }

    /// Tables of all databases that a name with stars means, as one.
    Meaning inDatabases(Meaning.EntityGroup databases, Syntax.Selector selector) {
        List<Meaning.Rows> found = new ArrayList<>();
        for (Meaning.Database database : databases.members()) {
            switch (selector) {
                case Syntax.WildcardName wildcard -> found.addAll(matching(database.name(), wildcard.pattern(), wildcard.span()));
                case Syntax.NameReference(String name, _, Span at) -> tableOf(database.name(), name, at).ifPresent(found::add);
                case Syntax.Selector _ -> { }
            }
        }
        String wanted = switch (selector) {
            case Syntax.WildcardName wildcard -> wildcard.pattern();
            case Syntax.NameReference name -> name.name();
            case Syntax.FunctionCall call -> call.function().text() + "()";
            case Syntax.ClientParameter parameter -> parameter.name();
        };
        return found.isEmpty() ? binder.fail(Messages.unresolvedTable(selector.span(), "", wanted)) : new Unions(binder).outer(found, selector.span());
    }

    private Meaning allMatching(List<Meaning.Rows> tables, Syntax.WildcardName wildcard) {
        return tables.isEmpty() ? binder.fail(Messages.unresolvedTable(wildcard.span(), "", wildcard.pattern()))
                : new Unions(binder).outer(tables, wildcard.span());
    }

    private Meaning callIn(Meaning.Database database, Syntax.FunctionCall call, Env env) {
        String name = call.function().text();
        if (name.equals("graph")) {
            return new GraphModels(binder).call(call, database.name(), env);
        }
        boolean entity = name.equals("table") || name.equals("external_table") || name.equals("materialized_view")
                || name.equals("stored_query_result");
        if (entity && !call.arguments().isEmpty()) {
            Expression argument = call.arguments().getFirst();
            Optional<String> text = constantText(argument, env);
            if (text.isEmpty()) {
                return new Meaning.Failed();
            }
            return switch (name) {
                case "external_table" -> external(database.name(), text.get(), call, env);
                case "materialized_view" -> part(database.name(), text.get(), call, env);
                case "stored_query_result" -> named(database.name(), TableKind.STORED_RESULT, text.get(), argument.span());
                default -> tableOrFunction(database.name(), text.get(), argument.span())
                        .orElseGet(() -> binder.fail(Messages.unresolvedTable(argument.span(), "", text.get())));
            };
        }
        return function(database.name(), name, call.function().span())
                .map(function -> binder.functions.call(function, call.arguments(), call.function().span(), call.span(), env))
                .orElseGet(() -> binder.fail(Messages.unknownFunction(call.function().span(), name)));
    }
}
