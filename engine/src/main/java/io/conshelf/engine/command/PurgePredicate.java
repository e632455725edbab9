package io.conshelf.engine.command;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.Purge;
import io.conshelf.kql.syntax.Diagnostic;
import io.conshelf.kql.syntax.Parser;
import io.conshelf.kql.syntax.Printer;
import io.conshelf.kql.syntax.Syntax;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Set;

/// Which records a purge means: one `where` over the table or the materialized part of the view, and nothing else.
///
/// @param text `where …`
public record PurgePredicate(String target, boolean isView, String text) {
    private static final int BYTES_MAX = 1 << 20;
    private static final Set<String> SYSTEM_FUNCTIONS = Set.of(
            "ingestion_time", "extent_id", "extent_tags", "cursor_after", "cursor_before_or_at", "cursor_current", "current_cursor");

    /// @throws KustoException when it is no predicate of a purge
    public static PurgePredicate check(String target, boolean isView, String text) {
        String bare = text.strip().replaceFirst("^\\|\\s*", "").replaceFirst(";$", "");
        if (bare.getBytes(StandardCharsets.UTF_8).length > BYTES_MAX) {
            throw refused("it has more than " + BYTES_MAX + " bytes; put a long list in a file and read it with 'externaldata'");
        }
        var predicate = new PurgePredicate(target, isView, bare);
        String whole = predicate.source() + "\n| " + bare;
        var parsed = Parser.parse(whole);
        parsed.diagnostics().stream().filter(Diagnostic::isError).findFirst().ifPresent(problem -> {
            throw beginsWithTable(bare)
                    ? refused("it begins with 'where': the table stands before 'records' already [line:position=1:1]")
                    : new KustoException(Errors.of(problem, whole, whole.length() - bare.length()));
        });
        var statements = parsed.tree().statements();
        boolean isOneWhere = statements.size() == 1
                && statements.getFirst() instanceof Syntax.ExpressionStatement(Syntax.Pipe pipe, var _)
                && pipe.operators().size() == 1
                && pipe.operators().getFirst() instanceof Syntax.Where;
        if (!isOneWhere) {
            throw refused("it is a single 'where'; join conditions by 'and'");
        }
        boolean asksTheSystem = parsed.tree().nodes().stream().anyMatch(
                node -> node instanceof Syntax.FunctionCall call && SYSTEM_FUNCTIONS.contains(call.function().text()));
        if (asksTheSystem) {
            throw refused("system functions such as ingestion_time() and extent_id() are not supported in it");
        }
        return predicate;
    }

    private static boolean beginsWithTable(String text) {
        var statements = Parser.parse(text).tree().statements();
        return statements.size() == 1 && statements.getFirst() instanceof Syntax.ExpressionStatement(Syntax.Pipe _, var _);
    }

    public static PurgePredicate check(Purge purge) {
        return check(purge.target(), purge.isView(), purge.predicate());
    }

    /// The query for the records' numbers: in its reading a record's number stands where its extent's id would, and a view is its
    /// materialized part. No other table may be read; long lists may lie in a file.
    public String numbers() {
        return query(table()) + "\n| project number_ = extent_id()";
    }

    /// The names that it reads, of columns or of what may be one.
    Set<String> names() {
        var nodes = Parser.parse(source() + "\n| " + text).tree().nodes();
        var parts = Collections.<Syntax>newSetFromMap(new IdentityHashMap<>());
        for (Syntax node : nodes) {
            if (node instanceof Syntax.Path path) {
                parts.add(path.selector());
            }
        }
        var names = new HashSet<String>();
        for (Syntax node : nodes) {
            if (node instanceof Syntax.NameReference reference && !parts.contains(node)) {
                names.add(reference.name());
            } else if (node instanceof Syntax.FunctionCall call && call.function().text().equals("column_ifexists") && !call.arguments().isEmpty()
                    && call.arguments().getFirst() instanceof Syntax.StringLiteral literal) {
                names.add(literal.value());
            }
        }
        return names;
    }

    /// The same for the same predicate, however it is laid out.
    String canonical() {
        var parsed = Parser.parse(source() + "\n| " + text);
        return parsed.hasErrors() ? text : Printer.print(parsed.tree(), Printer.Secrets.SHOWN);
    }

    String count() {
        return query(source()) + "\n| count";
    }

    private String query(String source) {
        return before(source) + text;
    }

    private String before(String source) {
        return "restrict access to (" + quoted() + ", ['externaldata']);\n" + source + "\n| ";
    }

    /// How many characters of [#count] stand before the predicate.
    int beforeCount() {
        return before(source()).length();
    }

    private String source() {
        return isView ? "materialized_view(" + literal() + ")" : table();
    }

    /// A bare name would mean a function that hides the table.
    private String table() {
        return "table(" + literal() + ")";
    }

    private String quoted() {
        return "[" + literal() + "]";
    }

    private String literal() {
        return "'" + target.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    private static KustoException refused(String problem) {
        return new KustoException(Errors.badRequest(".purge: the predicate: " + problem));
    }
}
